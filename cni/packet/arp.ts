import { fromBytes, type IpAddress } from '../../src/domain/values/ip-address';
import { type MacAddress, macFromBytes, macToBytes } from '../../src/domain/values/mac-address';
import { BROADCAST, ETH_P_ARP, type EthernetFrame, encodeEthernet } from './ethernet';

/** The sender or the target of an ARP packet. */
export interface ArpParty {
  readonly mac: MacAddress;
  readonly address: IpAddress;
}

/** ARP for IPv4 on Ethernet. @see RFC 826 */
export interface ArpPacket {
  readonly operation: 'request' | 'reply';
  readonly sender: ArpParty;
  readonly target: ArpParty;
}

const OPERATIONS: Readonly<Record<ArpPacket['operation'], number>> = { request: 1, reply: 2 };

/** Hardware type Ethernet, protocol IPv4, addresses of 6 and 4 octets. */
const ETHERNET_AND_IPV4 = [0, 1, 8, 0, 6, 4] as const;

const PACKET_LENGTH = 28;

const NO_MAC: MacAddress = '00:00:00:00:00:00';
const UNSPECIFIED = fromBytes([0, 0, 0, 0]);

/**
 * `arping -D ADDRESS`, an ARP probe. The sender's address is 0.0.0.0, so that no cache changes.
 *
 * @param destination of the frame, when one host is asked
 * @see RFC 5227, 2.1.1
 */
export function arpProbe(mac: MacAddress, address: IpAddress, destination = BROADCAST): Uint8Array {
  return arpRequest({ mac, address: UNSPECIFIED }, address, destination);
}

/**
 * `arping ADDRESS`: the answer goes only to the sender's MAC address, and caches learn the sender.
 *
 * @param destination of the frame, when one host is asked
 */
export function arpRequest(sender: ArpParty, address: IpAddress, destination = BROADCAST): Uint8Array {
  return encodeArp({ operation: 'request', sender, target: { mac: NO_MAC, address } }, destination);
}

/** `arping -U ADDRESS`: the announcement that RFC 5227 and the kernel (`arp_notify`) send, in the form of a request. */
export function arpAnnouncement(mac: MacAddress, address: IpAddress): Uint8Array {
  return encodeArp({ operation: 'request', sender: { mac, address }, target: { mac: NO_MAC, address } }, BROADCAST);
}

/** `arping -A ADDRESS`: the announcement in the form of a reply. */
export function arpReplyAnnouncement(mac: MacAddress, address: IpAddress): Uint8Array {
  return encodeArp({ operation: 'reply', sender: { mac, address }, target: { mac, address } }, BROADCAST);
}

function encodeArp({ operation, sender, target }: ArpPacket, destination: MacAddress): Uint8Array {
  return encodeEthernet({ destination, source: sender.mac, etherType: ETH_P_ARP }, [
    ...ETHERNET_AND_IPV4,
    0,
    OPERATIONS[operation],
    ...macToBytes(sender.mac),
    ...sender.address.bytes,
    ...macToBytes(target.mac),
    ...target.address.bytes,
  ]);
}

/** Nothing unless the frame is an ARP request or reply for IPv4 on Ethernet. Padding after the packet is ignored. */
export function decodeArp({ etherType, payload }: EthernetFrame): ArpPacket | undefined {
  if (etherType !== ETH_P_ARP || payload.length < PACKET_LENGTH) return undefined;
  if (ETHERNET_AND_IPV4.some((octet, index) => payload[index] !== octet)) return undefined;
  const code = (payload[6]! << 8) | payload[7]!;
  const operation = (['request', 'reply'] as const).find((name) => OPERATIONS[name] === code);
  return operation && { operation, sender: party(payload.subarray(8, 18)), target: party(payload.subarray(18, 28)) };
}

function party(bytes: Uint8Array): ArpParty {
  return { mac: macFromBytes(bytes.subarray(0, 6)), address: fromBytes([...bytes.subarray(6, 10)]) };
}
