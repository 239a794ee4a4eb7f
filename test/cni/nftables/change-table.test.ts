import type { Message } from '../../../cni/netlink/message';
import { changeTable, refillTable } from '../../../cni/netlink/nftables/change-table';
import * as k from '../../../cni/netlink/nftables/constants';
import { ATTRIBUTES, messageKind } from '../../../cni/netlink/nftables/nft-message';
import { createTable } from '../../../cni/netlink/nftables/table';
import { isDynamic, type NftChain } from '../../../src/domain/data-plane/nft-table';
import type { NftTableChange } from '../../../src/domain/data-plane/nft-table-change';
import { attributeTree, messagesOf, recordedMessages, type Tree } from '../../support/recorded-netlink';
import { manyRules, ROUTER_TABLES } from '../../support/router-tables';

const TCP_8443 = { protocol: 'TCP', port: 8443 } as const;
const target = (text: string, bytes: readonly number[], targetPort: number) => [
  { ...TCP_8443, address: { family: 4 as const, text, bytes }, targetPort },
];
const REDIRECT = { kind: 'target', name: 'redirect4', family: 4, counter: false } as const;
const MARKS = { kind: 'mark', name: 'marks4' } as const;
const sets = (mark: number) =>
  ['sent', 'received'].map((name) => ({ kind: 'marks' as const, name, counter: false, marks: [mark] }));

const EMPTY: NftChain = {
  name: 'prerouting',
  type: 'nat',
  hook: 'prerouting',
  priority: -100,
  policy: 'accept',
  rules: [],
};

/** What stands in test/fixtures/netlink/nft-f-rule-change.nft. */
const CHANGE: NftTableChange = {
  table: 'egress_router',
  remove: [
    { ...MARKS, elements: [{ ...TCP_8443, mark: 1 }] },
    { ...REDIRECT, elements: target('203.0.113.26', [203, 0, 113, 26], 443) },
    ...sets(1),
  ],
  add: [
    { ...MARKS, elements: [{ ...TCP_8443, mark: 4 }] },
    { ...REDIRECT, elements: target('203.0.113.66', [203, 0, 113, 66], 444) },
    ...sets(4),
  ],
  chains: [EMPTY],
};

/**
 * A message without the choices that mean the same: `nft` names a set by its number too, and an element that goes by
 * its key alone. Ours is bound to a generation, and asks at the end for an acknowledgement.
 */
function essence(message: Message): { kind: number; tree: Tree } {
  const kind = messageKind(message) ?? message.type;
  const tree = attributeTree(message.payload, ATTRIBUTES).filter(({ type }) => type !== 4);
  if (kind === k.NFNL_MSG_BATCH_BEGIN) return { kind, tree: [] };
  return { kind, tree: kind === k.NFT_MSG_DELSETELEM ? tree.map(keysAlone) : tree };
}

function keysAlone({ type, value }: Tree[number]): Tree[number] {
  if (type !== k.NFTA_SET_ELEM_LIST_ELEMENTS) return { type, value };
  const elements = (value as Tree).map((element) => ({
    ...element,
    value: (element.value as Tree).filter((part) => part.type === k.NFTA_SET_ELEM_KEY),
  }));
  return { type, value: elements };
}

test('a change is what nft makes of its text', () => {
  const ours = messagesOf(changeTable(CHANGE, 7));
  expect(ours.map(essence)).toEqual(recordedMessages('nft-f-rule-change').map(essence));
});

test('it is bound to its generation, and the table as it was made is to none', () => {
  const [begin] = messagesOf(changeTable(CHANGE, 0x01020304));
  expect(begin!.type).toBe(k.NFNL_MSG_BATCH_BEGIN);
  expect(attributeTree(begin!.payload, ATTRIBUTES)).toEqual([{ type: k.NFNL_BATCH_GENID, value: '01020304' }]);
  expect(messagesOf(createTable(ROUTER_TABLES.ipv4))[0]!.payload.length).toBe(ATTRIBUTES);
});

test('its length is that of the change, not of the table', () => {
  const bytes = messagesOf(changeTable(CHANGE, 7)).reduce((sum, { payload }) => sum + payload.length, 0);
  expect(bytes).toBeLessThan(1000);
});

test('a table that is filled anew keeps its chains, and loses everything else before it comes again', () => {
  const kinds = messagesOf(refillTable(manyRules(2500), 7)).map((message) => messageKind(message) ?? message.type);
  const slices = Array(3).fill(k.NFT_MSG_NEWSETELEM);
  expect(kinds).toEqual([
    k.NFNL_MSG_BATCH_BEGIN,
    ...Array(6).fill(k.NFT_MSG_DELRULE),
    ...Array(5).fill(k.NFT_MSG_DELSET),
    ...Array(5)
      .fill([k.NFT_MSG_NEWSET, ...slices])
      .flat(),
    ...Array(kinds.filter((kind) => kind === k.NFT_MSG_NEWRULE).length).fill(k.NFT_MSG_NEWRULE),
    k.NFNL_MSG_BATCH_END,
  ]);
  expect(kinds.filter((kind) => kind === k.NFT_MSG_NEWRULE).length).toBeGreaterThan(8);
});

test('a table that is filled anew keeps the sets in which the kernel counts connections', () => {
  const table = ROUTER_TABLES['dual-stack-fallback-counters'];
  const names = messagesOf(refillTable(table, 7))
    .filter((message) => [k.NFT_MSG_DELSET, k.NFT_MSG_NEWSET].includes(messageKind(message) ?? -1))
    .map(({ payload }) => payload.attributeMap(ATTRIBUTES).get(k.NFTA_SET_NAME)!.text());
  const others = [...table.maps, ...table.sets.filter((set) => !isDynamic(set))].map(({ name }) => name);
  expect(names).toEqual([...others, ...others]);
});
