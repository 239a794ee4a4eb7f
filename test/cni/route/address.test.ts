import { ByteReader } from '../../../cni/netlink/byte-reader';
import { addAddress, decodeAddress, listAddresses } from '../../../cni/netlink/route/address';
import type { Cidr } from '../../../src/domain/values/cidr';
import { parseCidr } from '../../../src/domain/values/cidr';
import { messagesOf } from '../../support/recorded-netlink';
import {
  dumpShape,
  mistreat,
  recordedList,
  recordedShape,
  requestShape,
  socketThatAnswers,
  withByte,
} from '../../support/route-messages';

const NET1 = { index: 9, name: 'net1' };
const [IPV4, IPV6] = ['192.168.12.99/24', '2001:db8:12::99/64'].map((text) => parseCidr(text) as Cidr) as [Cidr, Cidr];

test.each([
  ['ip-address-add-192.168.12.99-24-dev-net1-noprefixroute', IPV4],
  ['ip-address-add-2001-db8-12-99-64-dev-net1-noprefixroute-nodad', IPV6],
])('%s', (name, address) => {
  expect(requestShape(addAddress(address, NET1))).toEqual(recordedShape(name));
});

const addresses = recordedList('ip-address-show');

test('the kernel’s addresses are read; of a point-to-point address, one’s own', () => {
  const read = addresses.map((message) => decodeAddress(message)!);
  const row = ({ cidr, interfaceIndex, hasNoPrefixRoute }: (typeof read)[number]) =>
    `${interfaceIndex} ${cidr.text}${hasNoPrefixRoute ? ' noprefixroute' : ''}`;
  expect(read.map(row).sort()).toEqual(
    [
      '1 127.0.0.1/8',
      '1 ::1/128',
      '11 fe80::e4a4:46ff:fec3:7d2d/64',
      '7 10.0.0.1/32',
      '7 10.1.0.1/16',
      '7 fe80::ff:fe00:7/64',
      '8 fe80::e4a4:46ff:fec3:7d2d/64',
      '9 192.168.12.99/24 noprefixroute',
      '9 2001:db8:12::99/64 noprefixroute',
      '9 fe80::5eff:fe10:63/64',
    ].sort(),
  );
});

test('what makes an address is read as that address', () => {
  for (const cidr of [IPV4, IPV6]) {
    const [message] = messagesOf([addAddress(cidr, NET1)]);
    expect(decodeAddress(message!)).toEqual({ cidr, interfaceIndex: 9, hasNoPrefixRoute: true });
  }
});

test('an address of another family, such as MPLS, is not an IP address', () => {
  const [message] = messagesOf([addAddress(IPV4, NET1)]);
  const bytes = withByte(message!.payload.bytes, 0, 28);
  expect(decodeAddress({ ...message!, payload: new ByteReader(bytes) })).toBeUndefined();
});

test('a message that is not whole is refused or read as far as it goes', () => {
  // Without IFA_LOCAL the address is the one that IFA_ADDRESS, the first attribute, names.
  expect(mistreat(addresses, decodeAddress, ['cidr'])).toBeGreaterThan(100);
});

test('the list asks for what `ip` asks for', () => {
  const { socket, requests } = socketThatAnswers(addresses);
  expect(listAddresses(socket)).toHaveLength(10);
  expect(requests.map(dumpShape)).toEqual([recordedShape('ip-address-show.request')]);
});
