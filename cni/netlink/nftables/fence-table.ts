import type { MacAddress } from '../../../src/domain/values/mac-address';
import { macToBytes } from '../../../src/domain/values/mac-address';
import type { ByteWriter } from '../byte-writer';
import { NLM_F_APPEND, NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import * as x from './expression';
import { batch, nftRequest } from './nft-message';
import { addTable, getTable, removeTable } from './table-header';

/**
 * The table that mutes an address which another pod may have taken:
 *
 *     table netdev egress_router_fence {
 *       comment "epoch 3"
 *       set watched { type ether_addr; elements = { e6:65:c0:a8:0c:63, … } }
 *       set alive { type ifname; flags dynamic,timeout; elements = { "net1" timeout 200ms } }
 *       chain ingress {
 *         type filter hook ingress device "net1" priority filter; policy accept;
 *         ether saddr @watched iifname @alive update @alive { iifname timeout 200ms }
 *       }
 *       chain egress {
 *         type filter hook egress device "net1" priority filter; policy accept;
 *         ether saddr e2:65:c0:a8:0c:63 oifname != @alive counter drop
 *       }
 *     }
 *
 * A frame of a watched host extends the time, and never begins it: once the time is over, the address stays mute until
 * a process says otherwise. It needs no process, and the egress hook of Linux 5.16.
 */
export interface Fence {
  /** The interface, such as `net1`. */
  readonly link: string;
  /** The MAC address whose frames are dropped. */
  readonly mac: MacAddress;
  /** The hosts whose frames extend the time. */
  readonly watched: readonly MacAddress[];
  /** Milliseconds without a frame of them; 0: mute at once. */
  readonly milliseconds: number;
  /** Kept in the table's comment, for the next process. */
  readonly epoch: number;
}

export const FENCE_TABLE = 'egress_router_fence';

const [WATCHED, ALIVE, INGRESS, EGRESS] = ['watched', 'alive', 'ingress', 'egress'] as const;

/** Numbers that `nft` has for its types. */
const TYPE = { ether_addr: 9, ifname: 41 } as const;
const BYTES = { ether_addr: 6, ifname: 16 } as const;

/** Host and big endian, in the user data of a set (`NFTNL_UDATA_SET_KEYBYTEORDER`). */
const BYTE_ORDERS = { ether_addr: 2, ifname: 1 } as const;

/** More than the hosts that are watched. */
const CAPACITY = 64;

/** `enum nf_dev_hooks` */
const HOOKS = { ingress: 0, egress: 1 } as const;

/** Replaces the table, or makes it. @param exists whether there is one */
export function createFence(fence: Fence, exists: boolean): Request[] {
  return batch(`nft create table netdev ${FENCE_TABLE}`, [
    ...(exists ? [removeTable(FENCE_TABLE, k.NFPROTO_NETDEV)] : []),
    addTable({ name: FENCE_TABLE, comment: `epoch ${fence.epoch}` }, k.NFPROTO_NETDEV),
    addSet(WATCHED, 'ether_addr', 0, 1),
    addSet(ALIVE, 'ifname', k.NFT_SET_TIMEOUT | k.NFT_SET_EVAL, 2),
    ...elements(k.NFT_MSG_NEWSETELEM, WATCHED, fence.watched.map(macElement)),
    ...alive(fence),
    addChain(INGRESS, fence.link),
    addChain(EGRESS, fence.link),
    ingressRule(fence),
    egressRule(fence),
  ]);
}

/** Another time, which begins anew. */
export function changeFence(fence: Fence): Request[] {
  return batch(`change table netdev ${FENCE_TABLE}`, [
    flush(ALIVE),
    ...alive(fence),
    request(k.NFT_MSG_DELRULE, 0, 'flush chain ingress', (writer) =>
      writer
        .attribute(k.NFTA_RULE_TABLE, (w) => w.text(FENCE_TABLE))
        .attribute(k.NFTA_RULE_CHAIN, (w) => w.text(INGRESS)),
    ),
    ingressRule(fence),
  ]);
}

/** Watches exactly these hosts. */
export function changeWatched({ watched }: Pick<Fence, 'watched'>): Request[] {
  return batch(`change the hosts that table netdev ${FENCE_TABLE} watches`, [
    flush(WATCHED),
    ...elements(k.NFT_MSG_NEWSETELEM, WATCHED, watched.map(macElement)),
  ]);
}

export function removeFence(): Request[] {
  return batch(`nft delete table netdev ${FENCE_TABLE}`, [removeTable(FENCE_TABLE, k.NFPROTO_NETDEV)]);
}

/** `nft list tables`, for this one */
export function getFence(): Request {
  return getTable(FENCE_TABLE, k.NFPROTO_NETDEV);
}

/** Whether the address is not mute: ENOENT if it is. */
export function getAlive(link: string): Request {
  const [get] = elements(k.NFT_MSG_GETSETELEM, ALIVE, [(w) => linkElement(w, link)], 0);
  return get!;
}

/** The epoch of a table's comment; 0 without one. */
export function epochOf(comment: string | undefined): number {
  const [, digits] = /^epoch (\d{1,15})$/.exec(comment ?? '') ?? [];
  return Number(digits ?? 0);
}

function request(type: number, flags: number, words: string, write: (writer: ByteWriter) => void): Request {
  return nftRequest(type, flags, `nft ${words} (table netdev ${FENCE_TABLE})`, write, k.NFPROTO_NETDEV);
}

function addSet(name: string, type: keyof typeof TYPE, flags: number, id: number): Request {
  return request(k.NFT_MSG_NEWSET, NLM_F_CREATE, `add set ${name}`, (writer) =>
    writer
      .attribute(k.NFTA_SET_TABLE, (w) => w.text(FENCE_TABLE))
      .attribute(k.NFTA_SET_NAME, (w) => w.text(name))
      .numberAttribute(k.NFTA_SET_FLAGS, flags)
      .numberAttribute(k.NFTA_SET_ID, id)
      .nested(k.NFTA_SET_DESC, (nest) => nest.numberAttribute(k.NFTA_SET_DESC_SIZE, CAPACITY))
      .numberAttribute(k.NFTA_SET_KEY_TYPE, TYPE[type])
      .numberAttribute(k.NFTA_SET_KEY_LEN, BYTES[type])
      // Otherwise `nft list` would swap the bytes of a MAC address.
      .attribute(k.NFTA_SET_USERDATA, (w) => w.u8(0).u8(4).u32(BYTE_ORDERS[type])),
  );
}

type WriteElement = (writer: ByteWriter) => void;

function elements(type: number, set: string, writers: readonly WriteElement[], flags = NLM_F_CREATE): Request[] {
  if (writers.length === 0) return [];
  return [
    request(type, flags, `elements of ${set}`, (writer) =>
      writer
        .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(FENCE_TABLE))
        .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(set))
        .nested(k.NFTA_SET_ELEM_LIST_ELEMENTS, (list) => {
          for (const write of writers) list.nested(k.NFTA_LIST_ELEM, write);
        }),
    ),
  ];
}

function flush(set: string): Request {
  return request(k.NFT_MSG_DELSETELEM, 0, `flush set ${set}`, (writer) =>
    writer
      .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(FENCE_TABLE))
      .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(set)),
  );
}

const macElement =
  (mac: MacAddress): WriteElement =>
  (writer) =>
    writeKey(writer, macToBytes(mac));

function linkElement(writer: ByteWriter, link: string): void {
  writeKey(writer, x.interfaceBytes(link));
}

function writeKey(writer: ByteWriter, bytes: ArrayLike<number>): void {
  writer.nested(k.NFTA_SET_ELEM_KEY, (key) => key.attribute(k.NFTA_DATA_VALUE, (w) => w.raw(bytes)));
}

function alive({ link, milliseconds }: Fence): Request[] {
  if (milliseconds === 0) return [];
  return elements(k.NFT_MSG_NEWSETELEM, ALIVE, [
    (writer) => {
      linkElement(writer, link);
      writer.attribute(k.NFTA_SET_ELEM_TIMEOUT, (w) => w.u32be(0).u32be(milliseconds));
    },
  ]);
}

function addChain(name: keyof typeof HOOKS, link: string): Request {
  return request(k.NFT_MSG_NEWCHAIN, NLM_F_CREATE, `add chain ${name}`, (writer) =>
    writer
      .attribute(k.NFTA_CHAIN_TABLE, (w) => w.text(FENCE_TABLE))
      .attribute(k.NFTA_CHAIN_NAME, (w) => w.text(name))
      .attribute(k.NFTA_CHAIN_TYPE, (w) => w.text('filter'))
      .numberAttribute(k.NFTA_CHAIN_POLICY, k.NF_ACCEPT)
      .nested(k.NFTA_CHAIN_HOOK, (nest) =>
        nest
          .numberAttribute(k.NFTA_HOOK_HOOKNUM, HOOKS[name])
          .numberAttribute(k.NFTA_HOOK_PRIORITY, 0)
          .attribute(k.NFTA_HOOK_DEV, (w) => w.text(link)),
      ),
  );
}

/** `ether saddr @watched iifname @alive update @alive { iifname timeout … }` */
function ingressRule({ milliseconds }: Fence): Request {
  return rule(INGRESS, [
    x.loadPayload(SOURCE_MAC),
    x.lookup(WATCHED),
    x.loadMeta(k.NFT_META_IIFNAME),
    x.lookup(ALIVE),
    x.loadMeta(k.NFT_META_IIFNAME),
    // Without a time of its own, an element would stay for ever; none is there then.
    x.updateElement(ALIVE, Math.max(milliseconds, 1)),
  ]);
}

/** `ether saddr MAC oifname != @alive counter drop` */
function egressRule({ mac }: Fence): Request {
  return rule(EGRESS, [
    x.loadPayload(SOURCE_MAC),
    x.compare(macToBytes(mac)),
    x.loadMeta(k.NFT_META_OIFNAME),
    x.lookup(ALIVE, undefined, k.NFT_LOOKUP_F_INV),
    x.counter(),
    x.verdict(k.NF_DROP),
  ]);
}

function rule(chain: string, expressions: readonly x.Expression[]): Request {
  return request(k.NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, `add rule ${chain}`, (writer) =>
    writer
      .attribute(k.NFTA_RULE_TABLE, (w) => w.text(FENCE_TABLE))
      .attribute(k.NFTA_RULE_CHAIN, (w) => w.text(chain))
      .nested(k.NFTA_RULE_EXPRESSIONS, (list) => {
        for (const write of expressions) write(list);
      }),
  );
}

/** `nft` lists it as `@ll,48,48`: it expects a test of the interface's type, and egress has no incoming interface. */
const SOURCE_MAC: x.Payload = { base: k.NFT_PAYLOAD_LL_HEADER, offset: 6, length: 6 };
