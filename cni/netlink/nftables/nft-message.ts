import type { ByteWriter } from '../byte-writer';
import { type Message, NLM_F_ACK, type Request } from '../message';
import type { Operation } from '../netlink-error';
import * as k from './constants';

/** What `nft` calls the families of tables. */
export const TABLE_FAMILIES: Readonly<Record<number, string>> = {
  [k.NFPROTO_INET]: 'inet',
  [k.NFPROTO_IPV4]: 'ip',
  [k.NFPROTO_ARP]: 'arp',
  [k.NFPROTO_NETDEV]: 'netdev',
  [k.NFPROTO_BRIDGE]: 'bridge',
  [k.NFPROTO_IPV6]: 'ip6',
};

/**
 * The payload of a request to nf_tables: `struct nfgenmsg`, then what `write` appends.
 *
 * @param family of the table
 */
export function nftRequest(
  type: number,
  flags: number,
  operation: Operation,
  write: (writer: ByteWriter) => void,
  family = k.NFPROTO_INET,
): Request {
  return {
    type: (k.NFNL_SUBSYS_NFTABLES << 8) | type,
    flags,
    operation,
    write: (writer) => write(header(writer, family, 0)),
  };
}

/**
 * `nft -f`: requests that take effect all at once, or not at all.
 *
 * @param operation what they do together; the error of a rejected transaction, such as for a missing privilege, starts
 * with it
 * @param generation the required generation of the namespace's tables; absent: any
 */
export function batch(operation: string, requests: readonly Request[], generation?: number): Request[] {
  const last = requests.length - 1;
  return [
    bound(k.NFNL_MSG_BATCH_BEGIN, operation, generation),
    // An object requests the acknowledgement: batch begin and end acknowledge only since Linux 6.10.
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
      if (generation !== undefined) writer.numberAttribute(k.NFNL_BATCH_GENID, generation);
    },
  };
}

/** `struct nfgenmsg` */
function header(writer: ByteWriter, family: number, resource: number): ByteWriter {
  return writer.u8(family).u8(0).u16be(resource);
}

/** The offset of a message's attributes: after `struct nfgenmsg`. */
export const ATTRIBUTES = 4;

/**
 * The type of a message of nf_tables, from `enum nf_tables_msg_types`; nothing for other parts of netfilter.
 */
export function messageKind({ type }: Pick<Message, 'type'>): number | undefined {
  return type >> 8 === k.NFNL_SUBSYS_NFTABLES ? type & 0xff : undefined;
}
