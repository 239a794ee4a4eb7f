import { type Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../../cni/netlink/message';
import { operationText } from '../../../cni/netlink/netlink-error';
import * as k from '../../../cni/netlink/nftables/constants';
import { ATTRIBUTES, messageKind } from '../../../cni/netlink/nftables/nft-message';
import { createTable, deleteTable } from '../../../cni/netlink/nftables/table';
import { nftTableText } from '../../../src/domain/data-plane/nft-table-text';
import { attributeTree, messagesOf, recordedInput, recordedMessages, type Tree } from '../../support/recorded-netlink';
import { manyRules, ROUTER_TABLES } from '../../support/router-tables';

const RECORDED = ['ipv4', 'dual-stack-fallback-counters'] as const;

const number = (value: number) => value.toString(16).padStart(8, '0');
const text = (value: string) => Buffer.from(`${value}\0`).toString('hex');

const isEntry = (type: number, value?: string) => (entry: Tree[number]) =>
  entry.type === type && (value === undefined || entry.value === value);

/**
 * A message without the choices that are `nft`'s or ours, and mean the same. Ours are there so that what the kernel
 * reports is what we asked for.
 *
 * - `nft` names a set of the batch by its number too, and counts the attributes of a list of elements.
 * - `nft` keeps with a set from which expressions its types came; they are the types themselves.
 * - Ours states the flags of a look-up, and of a translation its upper bounds and what it translates.
 * - `nft` states that a mask is one, in places, and an ICMP code for a TCP reset, which the kernel does not report.
 */
function essence(message: Message): { kind: number; tree: Tree } {
  const kind = messageKind(message) ?? message.type;
  const tree = attributeTree(message.payload, ATTRIBUTES);
  switch (kind) {
    case k.NFT_MSG_NEWSETELEM:
      return { kind, tree: tree.filter(({ type }) => type !== 4).map(withoutElementNumbers) };
    case k.NFT_MSG_NEWSET:
      return { kind, tree: tree.map(withoutTypeof) };
    case k.NFT_MSG_NEWRULE:
      return { kind, tree: tree.map(withoutDefaults) };
    default:
      return { kind, tree };
  }
}

function withoutElementNumbers({ type, value }: Tree[number]): Tree[number] {
  if (type !== k.NFTA_SET_ELEM_LIST_ELEMENTS) return { type, value };
  return { type, value: (value as Tree).map((element) => ({ ...element, type: 1 })) };
}

function withoutTypeof({ type, value }: Tree[number]): Tree[number] {
  if (type !== k.NFTA_SET_USERDATA) return { type, value };
  const kept = ['000400000000', '000401000000', '000402000000', '010400000000', '010401000000'];
  const entries: string[] = [];
  for (let at = 0; at < value.length; ) {
    const length = 4 + 2 * Number.parseInt((value as string).slice(at + 2, at + 4), 16);
    entries.push((value as string).slice(at, at + length));
    at += length;
  }
  return { type, value: entries.filter((entry) => kept.includes(entry)).join('') };
}

function withoutDefaults({ type, value }: Tree[number]): Tree[number] {
  if (type !== k.NFTA_RULE_EXPRESSIONS) return { type, value };
  const expressions = (value as Tree).map((expression) => {
    const [name, data] = expression.value as Tree;
    return { ...expression, value: [name!, { ...data!, value: essentialData(name!, data!.value as Tree) }] };
  });
  return { type, value: expressions };
}

function essentialData(name: Tree[number], data: Tree): Tree {
  if (name.value === text('lookup')) {
    const NFTA_LOOKUP_SET_ID = 4;
    return data.filter(
      (entry) => !isEntry(NFTA_LOOKUP_SET_ID)(entry) && !isEntry(k.NFTA_LOOKUP_FLAGS, number(0))(entry),
    );
  }
  const NFTA_DYNSET_SET_ID = 2;
  if (name.value === text('dynset')) return data.filter((entry) => !isEntry(NFTA_DYNSET_SET_ID)(entry));
  const NFTA_BITWISE_OP = 6;
  if (name.value === text('bitwise')) return data.filter((entry) => !isEntry(NFTA_BITWISE_OP, number(0))(entry));
  if (name.value === text('reject') && data.some(isEntry(k.NFTA_REJECT_TYPE, number(k.NFT_REJECT_TCP_RST)))) {
    return data.filter((entry) => !isEntry(k.NFTA_REJECT_ICMP_CODE)(entry));
  }
  if (name.value !== text('nat')) return data;
  const upper = [k.NFTA_NAT_REG_ADDR_MAX, k.NFTA_NAT_REG_PROTO_MAX];
  const implied = k.NF_NAT_RANGE_MAP_IPS | k.NF_NAT_RANGE_PROTO_SPECIFIED;
  return data
    .filter(({ type }) => !upper.includes(type))
    .map(({ type, value }) => {
      if (type !== k.NFTA_NAT_FLAGS) return { type, value };
      return { type, value: number(Number.parseInt(value as string, 16) & ~implied) };
    })
    .filter((entry) => !isEntry(k.NFTA_NAT_FLAGS, number(0))(entry));
}

describe.each(RECORDED)('the table %s', (name) => {
  test('equals the input of nft for the recorded messages', () => {
    expect(nftTableText(ROUTER_TABLES[name])).toBe(recordedInput(`nft-f-${name}.nft`));
  });

  test('is sent as nft sends it', () => {
    const ours = messagesOf(createTable(ROUTER_TABLES[name])).map(essence);
    expect(ours.length).toBeGreaterThan(15);
    expect(ours).toEqual(recordedMessages(`nft-f-${name}`).map(essence));
  });
});

test('the recorded tables have every kind of statement', () => {
  const kinds = (table: (typeof ROUTER_TABLES)[keyof typeof ROUTER_TABLES]) =>
    new Set(table.chains.flatMap(({ rules }) => rules.flatMap((rule) => rule.map(({ kind }) => kind))));
  expect([...kinds(ROUTER_TABLES['dual-stack-fallback-counters'])].sort()).toEqual([
    'accept',
    'address',
    'connections-over',
    'counter',
    'ct-direction',
    'ct-mark',
    'ct-mark-bits-in',
    'ct-mark-from',
    'ct-mark-from-on',
    'ct-mark-in',
    'ct-mark-keep',
    'ct-marked',
    'ct-state',
    'dnat',
    'dnat-from',
    'drop',
    'from-local',
    'icmp-type',
    'iifname',
    'l4proto',
    'l4proto-in',
    'l4proto-not',
    'limit',
    'mss-of-route',
    'nfproto',
    'not-from-local',
    'not-iifname',
    'not-oifname',
    'not-to-interface',
    'oifname',
    'pkttype-host',
    'reject-port',
    'reject-reset',
    'return',
    'service-in',
    'snat',
    'source-over',
    'tcp-dport',
    'tcp-neither-syn-nor-rst',
    'tcp-syn',
    'udp-dport',
  ]);
});

test('the table must not exist, and one message asks for an answer', () => {
  const [begin, table, ...others] = createTable(ROUTER_TABLES.ipv4);
  const end = others.pop();
  const last = others.pop();
  expect([begin!.type, end!.type]).toEqual([k.NFNL_MSG_BATCH_BEGIN, k.NFNL_MSG_BATCH_END]);
  expect(table!.flags).toBe(NLM_F_CREATE | NLM_F_EXCL);
  expect([begin!, table!, ...others, end!].filter(({ flags }) => (flags & NLM_F_ACK) !== 0)).toEqual([]);
  expect(last!.flags & NLM_F_ACK).toBe(NLM_F_ACK);
});

test('each request is named after the command that it equals', () => {
  const operations = createTable(ROUTER_TABLES.ipv4).map(({ operation }) => operationText(operation));
  expect(operations).toContain('nft create table inet egress_router');
  expect(operations).toContain('nft add chain inet egress_router forward');
  expect(operations).toContain('nft add map inet egress_router marks4');
  expect(operations).toContain('nft add element inet egress_router redirect4');
  expect(operations).toContain('nft add set inet egress_router sent');
  expect(operations).toContain('nft add rule inet egress_router input iifname "net1" drop');
});

test('deleting is a transaction of its own', () => {
  const messages = messagesOf(deleteTable('egress_router'));
  expect(messages.map(messageKind)).toEqual([undefined, k.NFT_MSG_DELTABLE, undefined]);
  expect(messages[1]!.flags & (NLM_F_ACK | NLM_F_REQUEST)).toBe(NLM_F_ACK);
  expect(attributeTree(messages[1]!.payload, ATTRIBUTES)).toEqual([
    { type: k.NFTA_TABLE_NAME, value: text('egress_router') },
  ]);
});

test('a set without elements is made, and nothing is added to it', () => {
  const { maps, ...rest } = ROUTER_TABLES.ipv4;
  const emptied = { ...rest, maps: maps.map((map) => ({ ...map, elements: [] })) };
  const messages = messagesOf(createTable(emptied)).map(messageKind);
  expect(messages.filter((kind) => kind === k.NFT_MSG_NEWSET)).toHaveLength(5);
  expect(messages.filter((kind) => kind === k.NFT_MSG_NEWSETELEM)).toHaveLength(3);
  expect(nftTableText(emptied)).not.toContain('elements = {  }');
});

test.each([1, 999, 1000, 1001, 3000])('%i elements arrive, none twice', (count) => {
  const messages = messagesOf(createTable(manyRules(count)));
  const lists = messages.filter((message) => messageKind(message) === k.NFT_MSG_NEWSETELEM);
  const ofSent = lists
    .map((message) => message.payload.attributeMap(ATTRIBUTES))
    .filter((attributes) => attributes.get(k.NFTA_SET_ELEM_LIST_SET)?.text() === 'sent');
  const elements = ofSent.flatMap((attributes) => attributeTree(attributes.get(k.NFTA_SET_ELEM_LIST_ELEMENTS)!));
  expect(new Set(elements.map(({ value }) => JSON.stringify(value))).size).toBe(count);
  expect(elements).toHaveLength(count);
});
