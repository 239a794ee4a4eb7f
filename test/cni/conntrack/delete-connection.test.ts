import {
  Connection,
  deleteConnection,
  deleteConnectionsOf,
  listConnections,
} from '../../../cni/netlink/conntrack/connection';
import * as k from '../../../cni/netlink/conntrack/constants';
import { attributeTree, messagesOf, recordedMessages } from '../../support/recorded-netlink';

const FAMILY_HEADER = 4;
const [answer] = recordedMessages('conntrack-D-mark-7.answer');

test('a list of one mark is what conntrack asks for', () => {
  const [ours] = messagesOf([listConnections(7)]);
  const [recorded] = recordedMessages('conntrack-D-mark-7.list');
  expect(ours!.type).toBe(recorded!.type);
  expect(Buffer.from(ours!.payload.bytes)).toEqual(Buffer.from(recorded!.payload.bytes));
});

test('a list of everything names no mark', () => {
  expect(messagesOf([listConnections()])[0]!.payload.length).toBe(FAMILY_HEADER);
});

test('a connection says whom it called and whom it reaches', () => {
  const connection = new Connection(answer!);
  expect(connection).toMatchObject({ mark: 7, protocol: 17, calledPort: 53, remotePort: 53 });
  expect([...connection.calledAddress]).toEqual([10, 0, 0, 2]);
  expect([...connection.remoteAddress]).toEqual([10, 0, 0, 2]);
});

test('one connection is deleted by the ends that conntrack names, and by its number', () => {
  const [ours] = messagesOf([deleteConnection(answer!)]);
  const [recorded] = recordedMessages('conntrack-D-mark-7.delete');
  expect(ours!.type).toBe(recorded!.type);
  expect(ours!.payload.u8()).toBe(recorded!.payload.u8());
  const [tuple, id, ...others] = attributeTree(ours!.payload, FAMILY_HEADER);
  expect(tuple).toEqual(attributeTree(recorded!.payload, FAMILY_HEADER).find(({ type }) => type === k.CTA_TUPLE_ORIG));
  expect(id).toEqual(attributeTree(answer!.payload, FAMILY_HEADER).find(({ type }) => type === k.CTA_ID));
  expect(others).toEqual([]);
});

test('the connections of a mark are deleted with every bit of it: without a mark it would be all of them', () => {
  const [ours] = messagesOf([deleteConnectionsOf(7)]);
  expect(ours!.type).toBe((k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE);
  expect(attributeTree(ours!.payload, FAMILY_HEADER)).toEqual([
    { type: k.CTA_MARK, value: '00000007' },
    { type: k.CTA_MARK_MASK, value: 'ffffffff' },
  ]);
});
