import { ENOENT } from '../../ffi/errno';
import type { ByteReader } from '../byte-reader';
import { findAttribute, findNested } from '../find-attribute';
import type { Message, Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';

/** `conntrack -L`, of both families */
export function listConnections(): Request {
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_GET,
    flags: 0,
    operation: 'conntrack -L',
    write: (writer) => writer.zeros(k.NFGENMSG_LENGTH),
  };
}

/**
 * `conntrack -D` for this connection only, not for a new one with the same addresses and ports.
 *
 * @returns ENOENT if it has ended in the meantime
 */
export function deleteConnection({ payload }: Pick<Message, 'payload'>): Request {
  const attributes = payload.attributeMap(k.NFGENMSG_LENGTH);
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE,
    flags: 0,
    operation: 'conntrack -D',
    write: (writer) => {
      writer.u8(payload.u8()).zeros(3);
      const tuple = attributes.get(k.CTA_TUPLE_ORIG);
      if (tuple !== undefined) writer.nested(k.CTA_TUPLE_ORIG, (w) => w.raw(tuple.bytes));
      const id = attributes.get(k.CTA_ID);
      if (id !== undefined) writer.attribute(k.CTA_ID, (w) => w.raw(id.bytes));
    },
  };
}

/** An SCTP association: a number of `enum sctp_conntrack`, and the verification tag of each direction. */
export interface SctpState {
  readonly state: number;
  readonly original: number;
  readonly reply: number;
}

/**
 * A connection as listed by the kernel, or in an event. A view that reads members lazily, because there are tens of
 * thousands.
 */
export class Connection {
  /** Of the kernel's message, by which the connection can be deleted. */
  public readonly payload: ByteReader;

  public constructor({ payload }: Pick<Message, 'payload'>) {
    this.payload = payload;
  }

  /** Its mark; 0 without one. */
  public get mark(): number {
    const at = this.attribute(k.CTA_MARK);
    return at === undefined ? 0 : this.payload.u32be(at + 4);
  }

  /** Number of its transport protocol. */
  public get protocol(): number {
    const proto = this.part(k.CTA_TUPLE_REPLY, k.CTA_TUPLE_PROTO);
    const at = proto === undefined ? undefined : findNested(this.payload, proto, k.CTA_PROTO_NUM);
    return at === undefined ? 0 : this.payload.u8(at + 4);
  }

  /** Whether it is a TCP connection that both sides closed, or one of them reset. */
  public get isClosed(): boolean {
    const state = this.tcpState;
    return state === k.TCP_CONNTRACK_TIME_WAIT || state === k.TCP_CONNTRACK_CLOSE;
  }

  /** A number of `enum tcp_conntrack`; undefined for another protocol, and in an event about something else. */
  public get tcpState(): number | undefined {
    const tcp = this.part(k.CTA_PROTOINFO, k.CTA_PROTOINFO_TCP);
    const at = tcp === undefined ? undefined : findNested(this.payload, tcp, k.CTA_PROTOINFO_TCP_STATE);
    return at === undefined ? undefined : this.payload.u8(at + 4);
  }

  /** What the kernel knows of an SCTP association; undefined as for `tcpState`. */
  public get sctp(): SctpState | undefined {
    const sctp = this.part(k.CTA_PROTOINFO, k.CTA_PROTOINFO_SCTP);
    if (sctp === undefined) return undefined;
    const state = findNested(this.payload, sctp, k.CTA_PROTOINFO_SCTP_STATE);
    const [original, reply] = [k.CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, k.CTA_PROTOINFO_SCTP_VTAG_REPLY].map((type) => {
      const at = findNested(this.payload, sctp, type);
      return at === undefined ? 0 : this.payload.u32be(at + 4);
    });
    return { state: state === undefined ? 0 : this.payload.u8(state + 4), original: original!, reply: reply! };
  }

  /** Bits of `enum ip_conntrack_status`. */
  public get status(): number {
    const at = this.attribute(k.CTA_STATUS);
    return at === undefined ? 0 : this.payload.u32be(at + 4);
  }

  /** In which the kernel forgets it, unless a packet comes; 0 for one that has ended. */
  public get seconds(): number {
    const at = this.attribute(k.CTA_TIMEOUT);
    return at === undefined ? 0 : this.payload.u32be(at + 4);
  }

  /** The source of its first packet: 4 or 16 octets; empty for an unknown family. */
  public get clientAddress(): Uint8Array {
    return this.address(k.CTA_TUPLE_ORIG, k.CTA_IP_V4_SRC, k.CTA_IP_V6_SRC);
  }

  /** The source port of its first packet; undefined for a protocol without ports. */
  public get clientPort(): number | undefined {
    return this.port(k.CTA_TUPLE_ORIG, k.CTA_PROTO_SRC_PORT);
  }

  /** The destination of its first packet: 4 or 16 octets; empty for an unknown family. */
  public get calledAddress(): Uint8Array {
    return this.address(k.CTA_TUPLE_ORIG, k.CTA_IP_V4_DST, k.CTA_IP_V6_DST);
  }

  /** The destination port of its first packet; undefined for a protocol without ports. */
  public get calledPort(): number | undefined {
    return this.port(k.CTA_TUPLE_ORIG, k.CTA_PROTO_DST_PORT);
  }

  /**
   * The destination after translation, which is the source of its replies: 4 or 16 octets; empty for an unknown family.
   */
  public get remoteAddress(): Uint8Array {
    return this.address(k.CTA_TUPLE_REPLY, k.CTA_IP_V4_SRC, k.CTA_IP_V6_SRC);
  }

  /** The destination port after translation; undefined for a protocol without ports. */
  public get remotePort(): number | undefined {
    return this.port(k.CTA_TUPLE_REPLY, k.CTA_PROTO_SRC_PORT);
  }

  /** The source after translation, which its replies are sent to: 4 or 16 octets; empty for an unknown family. */
  public get sourceAddress(): Uint8Array {
    return this.address(k.CTA_TUPLE_REPLY, k.CTA_IP_V4_DST, k.CTA_IP_V6_DST);
  }

  /** The source port after translation; undefined for a protocol without ports. */
  public get sourcePort(): number | undefined {
    return this.port(k.CTA_TUPLE_REPLY, k.CTA_PROTO_DST_PORT);
  }

  private address(tuple: number, ipv4: number, ipv6: number): Uint8Array {
    const ip = this.part(tuple, k.CTA_TUPLE_IP);
    if (ip === undefined) return NONE;
    const at = findNested(this.payload, ip, ipv4) ?? findNested(this.payload, ip, ipv6);
    return at === undefined ? NONE : this.payload.bytes.subarray(at + 4, at + this.payload.u16(at));
  }

  private port(tuple: number, type: number): number | undefined {
    const proto = this.part(tuple, k.CTA_TUPLE_PROTO);
    const at = proto === undefined ? undefined : findNested(this.payload, proto, type);
    return at === undefined ? undefined : this.payload.u16be(at + 4);
  }

  private part(tuple: number, type: number): number | undefined {
    const at = this.attribute(tuple);
    return at === undefined ? undefined : findNested(this.payload, at, type);
  }

  private attribute(type: number): number | undefined {
    return findAttribute(this.payload, k.NFGENMSG_LENGTH, this.payload.length, type);
  }
}

const NONE = new Uint8Array();

/** Few enough for one datagram, and for the receive buffer if each is rejected. */
const DELETIONS_AT_ONCE = 100;

/**
 * Deletes the connections that match the predicate: their next packets start new connections.
 *
 * Listing takes some ten milliseconds even for few connections: the kernel walks the table of the whole node, and locks
 * each bucket.
 *
 * @throws NetlinkError
 */
export function deleteConnections(socket: NetlinkSocket, isWanted: (connection: Connection) => boolean): void {
  const wanted = socket.dumpInto(
    listConnections(),
    (): Message[] => [],
    (into, message) => {
      if (isWanted(new Connection(message))) into.push(message);
    },
  );
  for (let start = 0; start < wanted.length; start += DELETIONS_AT_ONCE) {
    deleteSome(socket, wanted.slice(start, start + DELETIONS_AT_ONCE));
  }
}

/** The kernel continues after a connection that has already ended. */
function deleteSome(socket: NetlinkSocket, messages: readonly Message[]): void {
  try {
    socket.changes(messages.map(deleteConnection));
  } catch (error) {
    if (!hasErrno(error, ENOENT)) throw error;
  }
}
