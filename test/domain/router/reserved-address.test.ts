import type { Field } from '../../../src/domain/input/decoder';
import {
  type ReservedAddress,
  readGateway,
  readReservedCidr,
  refuseSecondOfFamily,
} from '../../../src/domain/router/reserved-address';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import { acceptAll, read, refuseAll } from '../../support/accept';

const gatewayOf = (cidr: string) => (field: Field) => readGateway(field, parseCidr(cidr) as Cidr);

test('addresses that net1 can carry', () => {
  acceptAll(readReservedCidr, [
    '192.168.12.99/24',
    '192.168.12.0/16',
    '192.168.12.255/16',
    '10.0.0.1/8',
    '10.0.0.0/31',
    '10.0.0.1/31',
    '100.64.0.7/10',
    '203.0.113.5/29',
    '10.0.0.1/32',
    '2001:db8:12::99/64',
    '2001:db8::/127',
    '2001:db8::5/128',
    '2001:db8::ffff/112',
    'fd00::1/8',
  ]);
});

test.each([
  ['192.168.12.99', 'has no prefix length'],
  ['2001:db8::99', 'has no prefix length'],
  ['192.168.12.299/24', 'is not an IP address'],
  ['fe80::1%eth0/64', 'carries a zone id'],
  ['192.168.12.0/24', 'is the network address of its subnet'],
  ['192.168.12.255/24', 'is the broadcast address of its subnet'],
  ['10.255.255.255/8', 'is the broadcast address of its subnet'],
  ['2001:db8::/64', 'is the network address of its subnet'],
  ['0.0.0.0/8', 'is the unspecified address'],
  ['::/64', 'is the unspecified address'],
  ['127.0.0.1/8', 'is a loopback address'],
  ['::1/128', 'is a loopback address'],
  ['224.0.0.5/24', 'is a multicast address'],
  ['ff02::1/64', 'is a multicast address'],
  ['169.254.1.1/16', 'is a link-local address'],
  ['fe80::1/64', 'is a link-local address'],
  ['255.255.255.255/8', 'is a broadcast address'],
  ['240.0.0.1/8', 'is a reserved address'],
  ['10.0.0.1/0', 'has the prefix length 0, which is not a subnet'],
  ['2001:db8::1/0', 'has the prefix length 0, which is not a subnet'],
])('%s cannot be reserved: it %s', (text, problem) => {
  refuseAll(readReservedCidr, [text], 'a host address with the prefix length of its subnet');
  expect(read(readReservedCidr, text).issues).toHaveLength(1);
  expect(read(readReservedCidr, text).issues[0]!.problem).toBe(problem);
});

test('a value that is not text is rejected', () => {
  refuseAll(readReservedCidr, ['', 7, null, undefined, ['10.0.0.1/24'], {}], 'a host address with the prefix length');
});

test('gateways of an IPv4 subnet', () => {
  acceptAll(gatewayOf('192.168.12.99/24'), ['192.168.12.1', '192.168.12.254']);
  acceptAll(gatewayOf('10.0.0.1/31'), ['10.0.0.0']);
  acceptAll(gatewayOf('10.0.0.0/31'), ['10.0.0.1']);
});

test('gateways of an IPv6 subnet: within it, its anycast address, or link-local', () => {
  acceptAll(gatewayOf('2001:db8:12::99/64'), ['2001:db8:12::1', '2001:db8:12::', 'fe80::1', 'FE80::1', 'febf::1']);
  acceptAll(gatewayOf('2001:db8:12::99/128'), ['fe80::1']);
});

test('the gateway of a subnet of one address is any host on the link', () => {
  acceptAll(gatewayOf('203.0.113.7/32'), ['203.0.113.1', '192.0.2.1', '203.0.113.254']);
  acceptAll(gatewayOf('2001:db8:12::99/128'), ['2001:db8::1', 'fe80::1']);
  refuseAll(
    gatewayOf('203.0.113.7/32'),
    ['203.0.113.7', '224.0.0.1', 'fe80::1', '0.0.0.0'],
    'an IPv4 address on the link',
  );
  refuseAll(gatewayOf('2001:db8::7/128'), ['2001:db8::7', 'ff02::2', '192.0.2.1'], 'other than 2001:db8::7/128');
});

test.each([
  ['192.168.12.99/24', '192.168.13.1', 'is outside the subnet of 192.168.12.99/24'],
  ['192.168.12.99/24', '192.168.11.255', 'is outside the subnet of 192.168.12.99/24'],
  ['192.168.12.99/24', '169.254.1.1', 'is outside the subnet of 192.168.12.99/24'],
  ['192.168.12.99/24', '192.168.12.99', 'is the reserved address itself'],
  ['192.168.12.99/24', '192.168.12.0', 'is the network address of the subnet'],
  ['192.168.12.99/24', '192.168.12.255', 'is the broadcast address of the subnet'],
  ['192.168.12.99/24', 'fe80::1', 'is not an IPv4 address'],
  ['192.168.12.99/24', '192.168.12.1/24', 'carries a prefix length'],
  ['192.168.12.99/24', '192.168.12', 'is not an IP address'],
  ['2001:db8:12::99/64', '192.168.12.1', 'is not an IPv6 address'],
  ['2001:db8:12::99/64', '2001:db8:13::1', 'is outside the subnet of 2001:db8:12::99/64'],
  ['2001:db8:12::99/64', '2001:db8:12:0::99', 'is the reserved address itself'],
  ['2001:db8:12::99/64', 'fe80::1%eth0', 'carries a zone id'],
  ['2001:db8:12::99/64', 'ff02::2', 'is outside the subnet of 2001:db8:12::99/64'],
])('the gateway of %s is not %s, which %s', (cidr, gateway, problem) => {
  refuseAll(gatewayOf(cidr), [gateway], `address in the subnet of ${cidr}`);
  const { issues } = read(gatewayOf(cidr), gateway);
  expect(issues).toHaveLength(1);
  expect(issues[0]!.problem).toBe(problem);
});

test('only for an IPv6 gateway the message says that it may be link-local', () => {
  expect(read(gatewayOf('10.0.0.1/8'), 'x').issues[0]!.accepted).toBe('an IPv4 address in the subnet of 10.0.0.1/8');
  expect(read(gatewayOf('fd00::1/64'), 'x').issues[0]!.accepted).toBe(
    'an IPv6 address in the subnet of fd00::1/64, or a link-local one',
  );
});

test('one address of each family is enough, and each further one names the first of its family', () => {
  const list = ['10.0.0.1/8', 'fd00::1/64', '10.0.0.2/8', 'fd00::2/64', '10.0.0.3/8'];
  const { issues } = read((field) => {
    const located = field.elements('').map((element) => ({
      field: element,
      value: { cidr: readReservedCidr(element)! } satisfies ReservedAddress,
    }));
    refuseSecondOfFamily(located.slice(0, 2));
    expect(located).toHaveLength(5);
    refuseSecondOfFamily(located);
    return undefined;
  }, list);
  expect(issues.map(({ path, value, problem }) => [path, value, problem.split(',')[0]])).toEqual([
    ['it[2]', '10.0.0.2/8', 'is a second IPv4 address beside it[0]'],
    ['it[3]', 'fd00::2/64', 'is a second IPv6 address beside it[1]'],
    ['it[4]', '10.0.0.3/8', 'is a second IPv4 address beside it[0]'],
  ]);
  for (const { accepted } of issues) expect(accepted).toContain('at most one address of each family');
});

test.each([
  ['192.0.0.5/2', '224.0.0.1', 'a multicast'],
  ['126.0.0.5/7', '127.0.0.1', 'a loopback'],
  ['::5/64', '::', 'the unspecified'],
])('the subnet of %s holds %s, which is %s address and no gateway', (cidr, gateway, kind) => {
  const { issues } = read(gatewayOf(cidr), gateway);
  expect(issues.map(({ problem }) => problem)).toEqual([`is ${kind} address`]);
});
