import type { ByteWriter } from '../byte-writer';
import { type Message, NLM_F_ACK, type Request } from '../message';
import * as k from './constants';

/** Of a request to nf_tables: `struct nfgenmsg`, then what `write` puts behind it. */
export function nftRequest(
  type: number,
  flags: number,
  operation: string,
  write: (writer: ByteWriter) => void,
): Request {
  return {
    type: (k.NFNL_SUBSYS_NFTABLES << 8) | type,
    flags,
    operation,
    write: (writer) => write(header(writer, k.NFPROTO_INET, 0)),
  };
}

/**
 * `nft -f`: requests that take effect all at once, or not at all.
 *
 * @param operation what they do together; a refusal of the whole, such as for a missing privilege, begins with it
 * @param generation the only one of the namespace's tables to which this may be done; absent: whatever they are
 */
export function batch(operation: string, requests: readonly Request[], generation?: number): Request[] {
  const last = requests.length - 1;
  return [
    bound(k.NFNL_MSG_BATCH_BEGIN, operation, generation),
    // The acknowledgement is asked of an object: those of the bounds came with Linux 6.10.
    ...requests.map((request, index) => (index === last ? { ...request, flags: request.flags | NLM_F_ACK } : request)),
    bound(k.NFNL_MSG_BATCH_END, operation),
  ];
}

function bound(type: number, operation: string, generation?: number): Request {
  return {
    type,
    flags: 0,
    operation,
    write: (writer) => {
      header(writer, k.NFPROTO_UNSPEC, k.NFNL_SUBSYS_NFTABLES);
      if (generation !== undefined) writer.attribute(k.NFNL_BATCH_GENID, (w) => w.u32be(generation));
    },
  };
}

/** `struct nfgenmsg` */
function header(writer: ByteWriter, family: number, resource: number): ByteWriter {
  return writer.u8(family).u8(0).u16be(resource);
}

/** Where the attributes of a message begin: behind `struct nfgenmsg`. */
export const ATTRIBUTES = 4;

/**
 * Which message of nf_tables it is: a number of `enum nf_tables_msg_types`; nothing for one of another part of
 * netfilter.
 */
export function messageKind({ type }: Pick<Message, 'type'>): number | undefined {
  return type >> 8 === k.NFNL_SUBSYS_NFTABLES ? type & 0xff : undefined;
}
