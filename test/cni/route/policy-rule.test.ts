import { EAFNOSUPPORT, EPERM } from '../../../cni/ffi/errno';
import { ByteReader } from '../../../cni/netlink/byte-reader';
import { ByteWriter } from '../../../cni/netlink/byte-writer';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import {
  addPolicyRule,
  decodeRule,
  deletePolicyRule,
  listPolicyRules,
  type PolicyRule,
  policyRuleText,
} from '../../../cni/netlink/route/policy-rule';
import type { Family } from '../../../src/domain/values/ip-address';
import { ip } from '../../support/recorded-frame';
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

const SOURCES: Readonly<Record<Family, string>> = { 4: '192.168.12.99', 6: '2001:db8:12::99' };

const RULES = ([4, 6] as const).flatMap((family) => {
  const source = ip(SOURCES[family]);
  const row = (command: string, rest: Omit<PolicyRule, 'family' | 'protocol'>) =>
    [`ip-${family === 6 ? '6-' : ''}rule`, command, { family, protocol: 101, ...rest } satisfies PolicyRule] as const;
  const from = SOURCES[family].replaceAll(/:+/g, '-');
  return [
    row('priority-1000-iif-eth0-protocol-101-lookup-100', { priority: 1000, incoming: 'eth0', table: 100 }),
    row(`priority-1000-from-${from}-protocol-101-lookup-100`, { priority: 1000, source, table: 100 }),
    row('priority-1001-iif-eth0-protocol-101-unreachable', { priority: 1001, incoming: 'eth0' }),
    row(`priority-1001-from-${from}-protocol-101-unreachable`, { priority: 1001, source }),
    row('priority-1000-oif-net1-protocol-101-lookup-100', { priority: 1000, outgoing: 'net1', table: 100 }),
    row('priority-1001-oif-net1-protocol-101-unreachable', { priority: 1001, outgoing: 'net1' }),
    row('priority-32765-protocol-101-lookup-254-suppress_ifgroup-101', {
      priority: 32765,
      table: 254,
      suppressedGroup: 101,
    }),
  ];
});

describe.each(RULES)('%s %s', (prefix, command, rule) => {
  test('add', () => {
    expect(requestShape(addPolicyRule(rule))).toEqual(recordedShape(`${prefix}-add-${command}`));
  });

  test('delete', () => {
    // To look up is what `ip` takes for granted when it deletes.
    const action: Record<number, number> = rule.table === undefined ? {} : { 7: 1 };
    expect(requestShape(deletePolicyRule(rule))).toEqual(recordedShape(`${prefix}-delete-${command}`, action));
  });

  test('is read from what makes it', () => {
    expect(decodeRule(messagesOf([addPolicyRule(rule)])[0]!)).toEqual({ ...rule, hasOtherConditions: false });
  });
});

const rules = ['ip-4-rule-show', 'ip-6-rule-show'].flatMap(recordedList);

test('the kernel’s rules are read; one that does nothing is left out', () => {
  const read = rules.flatMap((message) => decodeRule(message) ?? []);
  expect(read.map((rule) => `-${rule.family} ${policyRuleText(rule)} proto ${rule.protocol}`)).toEqual([
    '-4 priority 0 from all lookup 255 proto 2',
    '-4 priority 500 from all and other conditions lookup 1000 proto 0',
    '-4 priority 600 from 10.0.0.0 and other conditions blackhole proto 0',
    '-4 priority 700 from all goto 32766 proto 0',
    '-4 priority 1000 from all iif eth0 lookup 100 proto 101',
    '-4 priority 1000 from 192.168.12.99 lookup 100 proto 101',
    '-4 priority 1000 from 192.168.12.99 and other conditions lookup 100 proto 0',
    '-4 priority 1001 from all iif eth0 unreachable proto 101',
    '-4 priority 1001 from 192.168.12.99 unreachable proto 101',
    '-4 priority 32766 from all lookup 254 proto 2',
    '-4 priority 32767 from all lookup 253 proto 2',
    '-6 priority 0 from all lookup 255 proto 2',
    '-6 priority 1000 from all iif eth0 lookup 100 proto 101',
    '-6 priority 1000 from 2001:db8:12::99 lookup 100 proto 101',
    '-6 priority 1001 from all iif eth0 unreachable proto 101',
    '-6 priority 1001 from 2001:db8:12::99 unreachable proto 101',
    '-6 priority 32766 from all lookup 254 proto 2',
  ]);
});

/** A rule of ours, with other bytes in its header and an attribute more. */
function narrowed(header: Readonly<Record<number, number>>, attribute?: number, value = [7, 0, 0, 0]) {
  const [message] = messagesOf([addPolicyRule(RULES[1]![2])]);
  const writer = new ByteWriter().raw(message!.payload.bytes);
  if (attribute !== undefined) writer.attribute(attribute, (w) => w.raw(value));
  const bytes = Object.entries(header).reduce((all, [at, byte]) => withByte(all, Number(at), byte), writer.bytes);
  return { ...message!, payload: new ByteReader(bytes) };
}

test.each([
  ['to a subnet', narrowed({ 1: 24 })],
  ['from a whole subnet', narrowed({ 2: 24 })],
  ['from any', narrowed({ 2: 0 })],
  ['tos', narrowed({ 3: 4 })],
  ['not', narrowed({ 8: 2 })],
  ['fwmark', narrowed({}, 10)],
  ['tun_id', narrowed({}, 12)],
  ['suppress_prefixlength', narrowed({}, 14, [0, 0, 0, 0])],
  ['fwmark with a mask', narrowed({}, 16)],
  ['l3mdev', narrowed({}, 19)],
  ['uidrange', narrowed({}, 20)],
  ['ipproto', narrowed({}, 22)],
  ['sport', narrowed({}, 23)],
  ['dport', narrowed({}, 24)],
  ['dscp', narrowed({}, 25)],
  ['flowlabel', narrowed({}, 26)],
])('a condition of another kind is not passed over: %s', (_, message) => {
  expect(decodeRule(message)?.hasOtherConditions).toBe(true);
});

test.each([
  ['an interface that is not there', narrowed({ 8: 8 })],
  ['the kernel’s own default, nothing suppressed', narrowed({}, 14, [255, 255, 255, 255])],
  ['padding', narrowed({}, 18)],
])('no condition: %s', (_, message) => {
  expect(decodeRule(message)?.hasOtherConditions).toBe(false);
});

test('a message that is not whole is refused or read as far as it goes', () => {
  // A prefix length without its address is a condition that is not understood; the header says 252 of a table over 255.
  expect(mistreat(rules, decodeRule, ['hasOtherConditions', 'table'])).toBeGreaterThan(100);
});

describe.each([4, 6] as const)('the list of IPv%i', (family) => {
  test('asks for what `ip` asks for, and holds no other family', () => {
    const { socket, requests } = socketThatAnswers(rules);
    expect(listPolicyRules(socket, family)).toHaveLength(family === 4 ? 11 : 6);
    expect(requests.map(dumpShape)).toEqual([recordedShape(`ip-${family}-rule-show.request`)]);
  });

  test('is empty on a kernel without the family, and passes on another refusal', () => {
    const absent = new NetlinkError('', EAFNOSUPPORT);
    expect(listPolicyRules(socketThatAnswers(absent).socket, family)).toEqual([]);
    const refused = new NetlinkError('', EPERM);
    expect(() => listPolicyRules(socketThatAnswers(refused).socket, family)).toThrow(refused);
  });
});
