import { ENODEV, EPERM } from '../../../cni/ffi/errno';
import type { Message } from '../../../cni/netlink/message';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_NET_NS_FD } from '../../../cni/netlink/route/constants';
import {
  addMacvlan,
  decodeLink,
  deleteLink,
  findLink,
  findLinkByIndex,
  listLinks,
  setLinkAddress,
  setLinkDown,
  setLinkUp,
} from '../../../cni/netlink/route/link';
import { MACVLAN_MODES } from '../../../src/domain/values/macvlan';
import { attributeTree, messagesOf, recordedMessages } from '../../support/recorded-netlink';
import {
  dumpShape,
  mistreat,
  recordedList,
  recordedShape,
  requestShape,
  socketThatAnswers,
} from '../../support/route-messages';

const NET1 = { index: 9, name: 'net1' };
const MAC = '02:00:5e:10:00:63';

test.each([
  ['ip-link-set-net1-up', setLinkUp(NET1)],
  ['ip-link-set-net1-down', setLinkDown(NET1)],
  ['ip-link-set-net1-address-02-00-5e-10-00-63', setLinkAddress(NET1, MAC)],
  ['ip-link-delete-net1', deleteLink(NET1)],
])('%s', (name, request) => {
  expect(requestShape(request)).toEqual(recordedShape(name));
});

/**
 * With IFLA_LINKINFO as a reader of it sees it: `ip` writes its nests without NLA_F_NESTED, and the kind without a
 * terminating zero.
 */
function macvlanShape(message: Message) {
  const info = message.payload.attributeMap(16).get(IFLA_LINKINFO)!.attributeMap();
  return {
    header: Buffer.from(message.payload.bytes.subarray(0, 16)).toString('hex'),
    attributes: attributeTree(message.payload, 16).filter(({ type }) => type !== IFLA_LINKINFO),
    infoTypes: [...info.keys()],
    kind: info.get(IFLA_INFO_KIND)!.text(),
    data: attributeTree(info.get(IFLA_INFO_DATA)!),
  };
}

test.each(MACVLAN_MODES)('ip link add … type macvlan mode %s', (mode) => {
  // One of them with an MTU.
  const mtu = mode === 'bridge' ? 1400 : undefined;
  const [recorded] = recordedMessages(
    `ip-link-add-link-lan-name-net1-netns-pod-address-02-00-5e-10-00-63${mtu ? '-mtu-1400' : ''}-group-101-type-macvlan-mode-${mode}`,
  );
  // The number under which `ip` had opened the namespace.
  const namespaceFd = recorded!.payload.attributeMap(16).get(IFLA_NET_NS_FD)!.u32();
  const [ours] = messagesOf([
    addMacvlan({ name: 'net1', mac: MAC, mode, mtu, group: 101, parentIndex: 7, namespaceFd }),
  ]);
  expect(macvlanShape(ours!)).toEqual(macvlanShape(recorded!));
  expect(ours!.type).toBe(recorded!.type);
  expect(ours!.flags | 0x5).toBe(recorded!.flags);
});

const links = recordedList('ip-details-link-show');

test('the kernel’s links are read', () => {
  const common = {
    group: 0,
    isUp: true,
    hasCarrier: true,
    promiscuity: expect.any(Number),
    carrierUps: expect.any(Number),
  };
  const ethernet = { ...common, isEthernet: true, mtu: 1500 };
  expect(links.map(decodeLink)).toEqual([
    { ...common, index: 1, name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, isEthernet: false },
    { ...ethernet, index: 7, name: 'lan', mac: '02:00:00:00:00:07', kind: 'veth', parentIndex: 8 },
    { ...ethernet, index: 8, name: 'far', mac: expect.any(String), kind: 'veth', parentIndex: 7, masterIndex: 11 },
    { ...ethernet, index: 9, name: 'net1', mac: MAC, kind: 'macvlan', macvlanMode: 'bridge', parentIndex: 7 },
    { ...ethernet, index: 11, name: 'br0', mac: expect.any(String), kind: 'bridge' },
  ]);
});

test.each(MACVLAN_MODES)('a macvlan of mode %s is read from what makes one', (mode) => {
  const link = { name: 'net1', mac: MAC, mode, mtu: 1400, group: 101, parentIndex: 7, namespaceFd: 3 };
  expect(decodeLink(messagesOf([addMacvlan(link)])[0]!)).toMatchObject({
    name: 'net1',
    mac: MAC,
    mtu: 1400,
    group: 101,
    kind: 'macvlan',
    macvlanMode: mode,
    parentIndex: 7,
  });
});

test('a message that is not whole is refused or read as far as it goes', () => {
  expect(mistreat(links, decodeLink)).toBeGreaterThan(1000);
});

test('the list asks for all links, as `ip` does from a packet socket’s view and without statistics', () => {
  const { socket, requests } = socketThatAnswers(links);
  expect(listLinks(socket)).toHaveLength(5);
  const recorded = recordedShape('ip-details-link-show.request', { 0: 0 });
  expect(requests.map(dumpShape)).toEqual([{ ...recorded, attributes: [] }]);
});

test('one link is asked for by its name, or by its index', () => {
  const { socket, requests } = socketThatAnswers(links.slice(3));
  expect(findLink(socket, 'net1')?.name).toBe('net1');
  expect(findLinkByIndex(socket, 9)?.name).toBe('net1');
  const name = { type: 3, value: Buffer.from('net1\0').toString('hex') };
  expect(requests.map(requestShape)).toEqual([
    { type: 18, flags: 0, header: '0'.repeat(32), attributes: [name] },
    { type: 18, flags: 0, header: `0000000009${'0'.repeat(22)}`, attributes: [] },
  ]);
});

test('a missing link is undefined, and another error is thrown', () => {
  const absent = new NetlinkError('', ENODEV);
  expect(findLink(socketThatAnswers(absent).socket, 'net1')).toBeUndefined();
  expect(findLinkByIndex(socketThatAnswers(absent).socket, 9)).toBeUndefined();
  const refused = new NetlinkError('', EPERM);
  expect(() => findLink(socketThatAnswers(refused).socket, 'net1')).toThrow(refused);
});
