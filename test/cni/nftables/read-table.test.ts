import { ByteReader } from '../../../cni/netlink/byte-reader';
import type { Message } from '../../../cni/netlink/message';
import * as k from '../../../cni/netlink/nftables/constants';
import { messageKind } from '../../../cni/netlink/nftables/nft-message';
import { createTable, decodeTable } from '../../../cni/netlink/nftables/table';
import { tableDifferences } from '../../../cni/netlink/nftables/table-differences';
import { messagesOf, recordedMessages } from '../../support/recorded-netlink';
import { repetitions } from '../../support/repetitions';
import { ROUTER_TABLES } from '../../support/router-tables';

const NAME = 'dual-stack-fallback-counters';

test('the table that nft wrote is read', () => {
  const table = decodeTable(recordedMessages(`nft-f-${NAME}`));
  expect(table).toMatchObject({
    name: 'egress_router',
    comment: 'egress-router layout 2 interface net1',
    isDormant: false,
  });
  expect(table.chains[4]).toEqual({ name: 'forward', type: 'filter', hook: 'forward', priority: 0, policy: 'drop' });
  expect(table.chains[0]).toMatchObject({ hook: 'prerouting', priority: -450, policy: 'accept' });
  expect(table.sets.map(({ name, counter, elements }) => [name, counter, elements.size])).toEqual([
    ['marks4', false, 3],
    ['redirect4', true, 3],
    ['marks6', false, 3],
    ['redirect6', true, 3],
    ['sent', true, 8],
    ['received', true, 8],
    ['own4', false, 4],
    ['own6', false, 4],
    ['clients4', false, 0],
    ['clients6', false, 0],
    ['health4', false, 0],
    ['health6', false, 0],
    ['held', false, 0],
  ]);
});

const messages = messagesOf(createTable(ROUTER_TABLES['ipv4-fallback']));
const [table] = messages.filter((message) => messageKind(message) === k.NFT_MSG_NEWTABLE) as [Message];
const sets = messages.filter((message) => messageKind(message) === k.NFT_MSG_NEWSET);

test('a message that ends early is refused or read as far as it goes', () => {
  let refused = 0;
  for (const message of messages) {
    const { bytes } = message.payload;
    for (let length = 0; length < bytes.length; length++) {
      const cut = { ...message, payload: new ByteReader(bytes.subarray(0, length)) };
      const others = message === table ? [] : [table, ...sets.filter((set) => set !== message)];
      try {
        decodeTable([...others, cut]);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        refused++;
      }
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('any byte may be another one: it is refused or read, and never goes on for ever', () => {
  // Odd, so that each byte of a word has its turn.
  const step = repetitions(7, 1);
  for (const message of messages) {
    for (let at = 0; at < message.payload.length; at += step) {
      const bytes = Uint8Array.from(message.payload.bytes);
      bytes[at] = bytes[at]! ^ 0xff;
      const changed = { ...message, payload: new ByteReader(bytes) };
      const others = message === table ? [] : [table, ...sets.filter((set) => set !== message)];
      try {
        tableDifferences(ROUTER_TABLES['ipv4-fallback'], decodeTable([...others, changed]));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  }
});

test('messages without a table are no table', () => {
  expect(() => decodeTable([])).toThrow(RangeError);
});

test.each([
  ['an entry of another kind', [1, 2, 0x41, 0]],
  ['a comment that ends before its length says', [0, 9, 0x41]],
  ['nothing', []],
  ['half an entry', [0]],
])('a table whose stored bytes hold %s has no comment', (_, userdata) => {
  const [made] = messagesOf([
    {
      type: (k.NFNL_SUBSYS_NFTABLES << 8) | k.NFT_MSG_NEWTABLE,
      flags: 0,
      operation: '',
      write: (writer) => writer.zeros(4).attribute(k.NFTA_TABLE_USERDATA, (w) => w.raw(userdata)),
    },
  ]);
  expect(decodeTable([made!]).comment).toBeUndefined();
});
