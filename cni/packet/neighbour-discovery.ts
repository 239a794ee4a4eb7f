import { fromBytes, type IpAddress } from '../../src/domain/values/ip-address';
import { type MacAddress, macFromBytes, macToBytes } from '../../src/domain/values/mac-address';
import { ETH_P_IPV6, type EthernetFrame, encodeEthernet } from './ethernet';
import { IPPROTO_ICMPV6, icmpv6Checksum } from './transport-checksum';

/** A neighbour solicitation or advertisement. @see RFC 4861, 4.3 and 4.4 */
export interface NeighbourMessage {
  readonly kind: 'solicitation' | 'advertisement';
  readonly source: IpAddress;
  /** The solicited or advertised address. */
  readonly target: IpAddress;
  /** The sender's MAC: from the link-layer option of an advertisement, else from the frame. */
  readonly mac: MacAddress;
}

export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;

export const ALL_NODES = fromBytes([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const UNSPECIFIED = fromBytes(new Array(16).fill(0));

const IPV6_HEADER_LENGTH = 40;
/** Type, code, checksum, flags, target. */
const MESSAGE_LENGTH = 24;
/** Routers decrement it: 255 proves that the sender is on this link. */
const HOP_LIMIT = 255;
const SOURCE_LINK_LAYER_ADDRESS = 1;
const TARGET_LINK_LAYER_ADDRESS = 2;

/** R and O of RFC 4861, 4.4: the pod forwards, and caches with another MAC must replace it. */
const ROUTER_AND_OVERRIDE = 0xa0;

/**
 * `ndisc6 -s :: ADDRESS IF`, as in the kernel's duplicate address detection. The source is unspecified, so that no
 * cache changes and the holder answers all nodes.
 *
 * @see RFC 4862, 5.4.2
 */
export function duplicateSolicitation(mac: MacAddress, target: IpAddress): Uint8Array {
  return encodeNeighbour(mac, UNSPECIFIED, solicitedNode(target), [
    ...[NEIGHBOUR_SOLICITATION, 0, 0, 0, 0, 0, 0, 0],
    ...target.bytes,
  ]);
}

/**
 * `ndisc6 -s SOURCE ADDRESS IF`, as in the kernel's neighbour resolution: the answer goes only to the sender's MAC
 * address, and caches learn the sender.
 *
 * @param holder of the target, when it alone is asked: 7.3.3
 * @see RFC 4861, 7.2.2
 */
export function neighbourSolicitation(
  mac: MacAddress,
  source: IpAddress,
  target: IpAddress,
  holder?: MacAddress,
): Uint8Array {
  const content = [
    ...[NEIGHBOUR_SOLICITATION, 0, 0, 0, 0, 0, 0, 0],
    ...target.bytes,
    ...[SOURCE_LINK_LAYER_ADDRESS, 1],
    ...macToBytes(mac),
  ];
  return encodeNeighbour(mac, source, holder === undefined ? solicitedNode(target) : target, content, holder);
}

/**
 * `ndsend ADDRESS IF`, as the kernel's `ndisc_notify`: all nodes send to this MAC from now on. @see RFC 4861, 7.2.6
 */
export function unsolicitedAdvertisement(mac: MacAddress, target: IpAddress): Uint8Array {
  return encodeNeighbour(mac, target, ALL_NODES, [
    ...[NEIGHBOUR_ADVERTISEMENT, 0, 0, 0, ROUTER_AND_OVERRIDE, 0, 0, 0],
    ...target.bytes,
    ...[TARGET_LINK_LAYER_ADDRESS, 1],
    ...macToBytes(mac),
  ]);
}

/** The solicited-node group of an address: ff02::1:ff00:0/104 and the last three octets. @see RFC 4291, 2.7.1 */
export function solicitedNode({ bytes }: IpAddress): IpAddress {
  return fromBytes([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...bytes.slice(13)]);
}

/** The MAC address of an IPv6 multicast group. @see RFC 2464, 7 */
export function multicastMac({ bytes }: IpAddress): MacAddress {
  return macFromBytes([0x33, 0x33, ...bytes.slice(12)]);
}

/** @param receiver default: the group of the destination */
function encodeNeighbour(
  mac: MacAddress,
  source: IpAddress,
  destination: IpAddress,
  content: number[],
  receiver: MacAddress = multicastMac(destination),
): Uint8Array {
  const message = Uint8Array.from(content);
  new DataView(message.buffer).setUint16(2, icmpv6Checksum(source, destination, message), false);
  return encodeEthernet({ destination: receiver, source: mac, etherType: ETH_P_IPV6 }, [
    ...[0x60, 0, 0, 0, 0, message.length, IPPROTO_ICMPV6, HOP_LIMIT],
    ...source.bytes,
    ...destination.bytes,
    ...message,
  ]);
}

/** Nothing for other frames, and for those that RFC 4861, 7.1, requires to discard. */
export function decodeNeighbour({
  etherType,
  source: frameSource,
  payload,
}: EthernetFrame): NeighbourMessage | undefined {
  if (etherType !== ETH_P_IPV6 || payload.length < IPV6_HEADER_LENGTH + MESSAGE_LENGTH) return undefined;
  const [version, nextHeader, hopLimit] = [payload[0]! >> 4, payload[6], payload[7]];
  if (version !== 6 || nextHeader !== IPPROTO_ICMPV6 || hopLimit !== HOP_LIMIT) return undefined;
  const end = IPV6_HEADER_LENGTH + ((payload[4]! << 8) | payload[5]!);
  if (end > payload.length || end < IPV6_HEADER_LENGTH + MESSAGE_LENGTH) return undefined;
  const message = payload.subarray(IPV6_HEADER_LENGTH, end);
  const kind = kindOf(message);
  const [source, destination] = [address(payload, 8), address(payload, 24)];
  if (kind === undefined || icmpv6Checksum(source, destination, message) !== 0) return undefined;
  const mac = (kind === 'advertisement' && targetLinkLayerAddress(message)) || frameSource;
  return { kind, source, target: address(message, 8), mac };
}

function kindOf([type, code]: Uint8Array): NeighbourMessage['kind'] | undefined {
  if (code !== 0) return undefined;
  if (type === NEIGHBOUR_SOLICITATION) return 'solicitation';
  return type === NEIGHBOUR_ADVERTISEMENT ? 'advertisement' : undefined;
}

function targetLinkLayerAddress(message: Uint8Array): MacAddress | undefined {
  for (let at = MESSAGE_LENGTH; at + 8 <= message.length; ) {
    const [type, length] = [message[at], message[at + 1]! * 8];
    if (length === 0) return undefined;
    if (type === TARGET_LINK_LAYER_ADDRESS) return macFromBytes(message.subarray(at + 2, at + 8));
    at += length;
  }
  return undefined;
}

/** `fe80::` with the interface identifier of a MAC address (EUI-64). @see RFC 4291, appendix A */
export function linkLocalOf(mac: MacAddress): IpAddress {
  const [first = 0, ...rest] = macToBytes(mac);
  const identifier = [first ^ 0x02, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  return fromBytes([0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...identifier]);
}

function address(bytes: Uint8Array, at: number): IpAddress {
  return fromBytes([...bytes.subarray(at, at + 16)]);
}
