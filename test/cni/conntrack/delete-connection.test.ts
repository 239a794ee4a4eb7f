import {
  Connection,
  deleteConnection,
  deleteConnectionsOf,
  deleteConnectionsTo,
} from '../../../cni/netlink/conntrack/connection';
import * as k from '../../../cni/netlink/conntrack/constants';
import { fromBytes } from '../../../src/domain/values/ip-address';
import { attributeTree, messagesOf, recordedMessages } from '../../support/recorded-netlink';

const FAMILY_HEADER = 4;
const [answer] = recordedMessages('conntrack-D-mark-7.answer');

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

test('connections to a port are deleted by what of them is compared: family, mark, protocol, port', () => {
  const [ours] = messagesOf([deleteConnectionsTo({ family: 6, protocol: 'UDP', port: 8080 }, 7)]);
  expect(ours!.payload.u8()).toBe(10);
  expect(attributeTree(ours!.payload, FAMILY_HEADER)).toEqual([
    {
      type: k.CTA_TUPLE_ORIG,
      value: [
        {
          type: k.CTA_TUPLE_PROTO,
          value: [
            { type: k.CTA_PROTO_NUM, value: '11' },
            { type: k.CTA_PROTO_DST_PORT, value: '1f90' },
          ],
        },
      ],
    },
    { type: k.CTA_MARK, value: '00000007' },
    { type: k.CTA_MARK_MASK, value: 'ffffffff' },
    { type: k.CTA_FILTER, value: [{ type: k.CTA_FILTER_ORIG_FLAGS, value: '28000000' }] },
  ]);
});

test('connections to a port of one address: the address is compared too', () => {
  const address = fromBytes([10, 244, 1, 5]);
  const [ours] = messagesOf([deleteConnectionsTo({ family: 4, address, protocol: 'TCP', port: 80 }, 0)]);
  expect(attributeTree(ours!.payload, FAMILY_HEADER)).toMatchObject([
    { value: [{ type: k.CTA_TUPLE_IP, value: [{ type: k.CTA_IP_V4_DST, value: '0af40105' }] }, {}] },
    {},
    {},
    { value: [{ type: k.CTA_FILTER_ORIG_FLAGS, value: '2a000000' }] },
  ]);
});
