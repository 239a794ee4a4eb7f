import type { ByteReader } from '../byte-reader';
import { findAttribute, findNested } from '../find-attribute';
import type { Message, Request } from '../message';
import * as k from './constants';

/** `conntrack -L`: every connection of the namespace, of both families */
export function listConnections(): Request {
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_GET,
    flags: 0,
    operation: 'conntrack -L',
    // struct nfgenmsg: any family, version 0, no resource.
    write: (writer) => writer.u32(0),
  };
}

/** A connection as the kernel lists it. A view: it reads what it is asked for, because there are tens of thousands. */
export class Connection {
  private readonly reader: ByteReader;

  public constructor({ payload }: Pick<Message, 'payload'>) {
    this.reader = payload;
  }

  /** Its mark; 0 when it has none. */
  public get mark(): number {
    const at = this.attribute(k.CTA_MARK);
    return at === undefined ? 0 : this.reader.u32be(at + 4);
  }

  /** Number of its transport protocol. */
  public get protocol(): number {
    const proto = this.replyPart(k.CTA_TUPLE_PROTO);
    const at = proto === undefined ? undefined : findNested(this.reader, proto, k.CTA_PROTO_NUM);
    return at === undefined ? 0 : this.reader.u8(at + 4);
  }

  /** Whom it reaches: the source of its replies, which is the destination after translation. 4 or 16 octets; none of an unknown family. */
  public get remoteAddress(): Uint8Array {
    const ip = this.replyPart(k.CTA_TUPLE_IP);
    if (ip === undefined) return NONE;
    const at = findNested(this.reader, ip, k.CTA_IP_V4_SRC) ?? findNested(this.reader, ip, k.CTA_IP_V6_SRC);
    return at === undefined ? NONE : this.reader.bytes.subarray(at + 4, at + this.reader.u16(at));
  }

  /** The port that it reaches; undefined where the protocol has none. */
  public get remotePort(): number | undefined {
    const proto = this.replyPart(k.CTA_TUPLE_PROTO);
    const at = proto === undefined ? undefined : findNested(this.reader, proto, k.CTA_PROTO_SRC_PORT);
    return at === undefined ? undefined : this.reader.u16be(at + 4);
  }

  private replyPart(type: number): number | undefined {
    const reply = this.attribute(k.CTA_TUPLE_REPLY);
    return reply === undefined ? undefined : findNested(this.reader, reply, type);
  }

  private attribute(type: number): number | undefined {
    return findAttribute(this.reader, NFGENMSG_LENGTH, this.reader.length, type);
  }
}

const NFGENMSG_LENGTH = 4;
const NONE = new Uint8Array();
