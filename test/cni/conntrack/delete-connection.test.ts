import { Connection, deleteConnection } from '../../../cni/netlink/conntrack/connection';
import * as k from '../../../cni/netlink/conntrack/constants';
import { deleteMatching, type Ipv4Address } from '../../../cni/netlink/conntrack/delete-matching';
import { fromBytes } from '../../../src/domain/values/ip-address';
import { attributeTree, messagesOf, recordedMessages } from '../../support/recorded-netlink';

const ipv4 = (...bytes: number[]) => fromBytes(bytes) as Ipv4Address;

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

test('connections are deleted by what of them is compared: family, mark, addresses, protocol, port', () => {
  const filter = {
    mark: 7,
    markBits: 0x7fffffff,
    called: ipv4(10, 244, 1, 5),
    service: { protocol: 'TCP', port: 8080 },
    remote: ipv4(203, 0, 113, 26),
  } as const;
  const [ours] = messagesOf([deleteMatching(filter)]);
  expect(ours!.type).toBe((k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE);
  expect(ours!.payload.u8()).toBe(2);
  expect(attributeTree(ours!.payload, FAMILY_HEADER)).toEqual([
    {
      type: k.CTA_TUPLE_ORIG,
      value: [
        { type: k.CTA_TUPLE_IP, value: [{ type: k.CTA_IP_V4_DST, value: '0af40105' }] },
        {
          type: k.CTA_TUPLE_PROTO,
          value: [
            { type: k.CTA_PROTO_NUM, value: '06' },
            { type: k.CTA_PROTO_DST_PORT, value: '1f90' },
          ],
        },
      ],
    },
    {
      type: k.CTA_TUPLE_REPLY,
      value: [{ type: k.CTA_TUPLE_IP, value: [{ type: k.CTA_IP_V4_SRC, value: 'cb00711a' }] }],
    },
    { type: k.CTA_MARK, value: '00000007' },
    { type: k.CTA_MARK_MASK, value: '7fffffff' },
    {
      type: k.CTA_FILTER,
      value: [
        { type: k.CTA_FILTER_ORIG_FLAGS, value: '2a000000' },
        { type: k.CTA_FILTER_REPLY_FLAGS, value: '01000000' },
      ],
    },
  ]);
});

test('connections to any port of an address: only mark and address are compared', () => {
  const [ours] = messagesOf([deleteMatching({ mark: 7, markBits: 0x7fffffff, called: ipv4(10, 244, 1, 5) })]);
  expect(attributeTree(ours!.payload, FAMILY_HEADER)).toMatchObject([
    { value: [{ type: k.CTA_TUPLE_IP, value: [{ type: k.CTA_IP_V4_DST, value: '0af40105' }] }] },
    { type: k.CTA_MARK, value: '00000007' },
    { type: k.CTA_MARK_MASK },
    { type: k.CTA_FILTER, value: [{ type: k.CTA_FILTER_ORIG_FLAGS, value: '02000000' }] },
  ]);
});
