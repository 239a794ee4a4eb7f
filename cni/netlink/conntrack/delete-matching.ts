import type { IpAddress } from '../../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS, type Protocol } from '../../../src/domain/values/protocol';
import { AF_INET } from '../../ffi/address-family';
import type { ByteWriter } from '../byte-writer';
import type { Request } from '../message';
import * as k from './constants';

export type Ipv4Address = IpAddress & { readonly family: 4 };

export function isIpv4(address: IpAddress): address is Ipv4Address {
  return address.family === 4;
}

/**
 * Which connections are meant: all that is given must match. Of IPv4 only: Linux 6.18 and those before it find the
 * connections of all IPv6 addresses but the given one.
 */
export interface ConnectionFilter {
  readonly mark: number;
  /** The bits of a connection's mark that are compared. */
  readonly markBits: number;
  /** The destination of a client's first packet. */
  readonly called: Ipv4Address;
  /** Its protocol and port; absent: any. */
  readonly service?: { readonly protocol: Protocol; readonly port: number };
  /** The destination after translation; absent: any. */
  readonly remote?: Ipv4Address;
}

/**
 * `conntrack -D` for all connections that match: the kernel finds them itself. It does not compare SCTP ports, so that
 * for SCTP this would match every port.
 *
 * @returns EINVAL before Linux 6.12, which does not filter deletions by addresses: it takes this for an incomplete
 * description of one connection, so that it never deletes more than is meant
 */
export function deleteMatching(filter: ConnectionFilter): Request {
  const { mark, markBits, remote } = filter;
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE,
    flags: 0,
    operation: () => commandText(filter),
    write: (writer) => {
      writer.u8(AF_INET).zeros(k.NFGENMSG_LENGTH - 1);
      writer.numberAttribute(k.CTA_MARK, mark).numberAttribute(k.CTA_MARK_MASK, markBits);
      writer.nested(k.CTA_TUPLE_ORIG, (tuple) => writeOriginal(tuple, filter));
      if (remote !== undefined) writer.nested(k.CTA_TUPLE_REPLY, (tuple) => writeReply(tuple, remote));
      writer.nested(k.CTA_FILTER, (compared) => writeCompared(compared, filter));
    },
  };
}

function commandText({ mark, called, service, remote }: ConnectionFilter): string {
  const port = service === undefined ? '' : ` --proto ${service.protocol} --dport ${service.port}`;
  const server = remote === undefined ? '' : ` --reply-src ${remote.text}`;
  return `conntrack -D --mark ${mark} --orig-dst ${called.text}${port}${server}`;
}

function writeOriginal(tuple: ByteWriter, { called, service }: ConnectionFilter): void {
  tuple.nested(k.CTA_TUPLE_IP, (ip) => ip.attribute(k.CTA_IP_V4_DST, (w) => w.raw(called.bytes)));
  if (service === undefined) return;
  const { protocol, port } = service;
  tuple.nested(k.CTA_TUPLE_PROTO, (proto) =>
    proto
      .attribute(k.CTA_PROTO_NUM, (w) => w.u8(PROTOCOL_NUMBERS[protocol]))
      .attribute(k.CTA_PROTO_DST_PORT, (w) => w.u16be(port)),
  );
}

/** What replies to a connection have as their source, is its destination after translation. */
function writeReply(tuple: ByteWriter, { bytes }: Ipv4Address): void {
  tuple.nested(k.CTA_TUPLE_IP, (ip) => ip.attribute(k.CTA_IP_V4_SRC, (w) => w.raw(bytes)));
}

/** What of the tuples counts: without its flag, the kernel ignores a value. */
function writeCompared(compared: ByteWriter, { service, remote }: ConnectionFilter): void {
  const ofService = service === undefined ? 0 : k.CTA_FILTER_F_CTA_PROTO_NUM | k.CTA_FILTER_F_CTA_PROTO_DST_PORT;
  compared.attribute(k.CTA_FILTER_ORIG_FLAGS, (w) => w.u32(k.CTA_FILTER_F_CTA_IP_DST | ofService));
  if (remote === undefined) return;
  compared.attribute(k.CTA_FILTER_REPLY_FLAGS, (w) => w.u32(k.CTA_FILTER_F_CTA_IP_SRC));
}
