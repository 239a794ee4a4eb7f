import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { decodeArp } from '../packet/arp';
import { decodeEthernet, type EthernetFrame } from '../packet/ethernet';
import { decodeNeighbour } from '../packet/neighbour-discovery';

/** A frame by which another host has a reserved address, or probes for it. */
export interface ConflictFrame {
  readonly address: IpAddress;
  readonly mac: MacAddress;
  /**
   * `held`: the host has the address. `wanted`: it probes for the address as we do, and its MAC precedes ours, so it
   * wins. `yielded`: it probes as well, and our MAC precedes its. So of two that start at once exactly one wins.
   */
  readonly kind: 'held' | 'wanted' | 'yielded';
  /** Whether the frame was sent to this interface alone, as the answer to a question is. */
  readonly isUnicast: boolean;
}

/**
 * Whether a received frame claims one of the addresses.
 *
 * @param ownMac MAC of the probing interface only: another holder of a derived MAC has the same one as our net1
 */
export function readConflictFrame(
  bytes: Uint8Array,
  ownMac: MacAddress,
  addresses: readonly IpAddress[],
): ConflictFrame | undefined {
  const frame = decodeEthernet(bytes);
  const use = frame && (useInArp(frame) ?? useInNeighbourMessage(frame));
  // Our own frame, reflected by a switch, a bond or a wireless bridge.
  if (use === undefined || use.mac === ownMac) return undefined;
  const { mac, holds, asks } = use;
  const isUnicast = frame!.destination === ownMac;
  const reservedAddress = (wanted: IpAddress) => addresses.find(({ text }) => text === wanted.text);
  const held = holds.map(reservedAddress).find((address) => address !== undefined);
  if (held !== undefined) return { address: held, mac, kind: 'held', isUnicast };
  const asked = asks && reservedAddress(asks);
  return asked && { address: asked, mac, kind: mac < ownMac ? 'wanted' : 'yielded', isUnicast };
}

interface AddressUse {
  readonly mac: MacAddress;
  /** The address that the sender uses. */
  readonly holds: readonly IpAddress[];
  /** The address that the sender probes for while it has none. */
  readonly asks?: IpAddress;
}

/** RFC 5227, 2.1.1: any packet from the address is a conflict, and so is another host's probe for it. */
function useInArp(frame: EthernetFrame): AddressUse | undefined {
  const arp = decodeArp(frame);
  if (arp === undefined) return undefined;
  const { operation, sender, target } = arp;
  const isProbe = operation === 'request' && isUnspecified(sender.address);
  return { mac: sender.mac, holds: [sender.address], asks: isProbe ? target.address : undefined };
}

/** RFC 4862, 5.4.3 and 5.4.4: an advertisement of the address, another host's probe for it, and a packet from it. */
function useInNeighbourMessage(frame: EthernetFrame): AddressUse | undefined {
  const message = decodeNeighbour(frame);
  if (message === undefined) return undefined;
  const { kind, source, target, mac } = message;
  if (kind === 'advertisement') return { mac, holds: [target, source] };
  return { mac, holds: [source], asks: isUnspecified(source) ? target : undefined };
}

function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((octet) => octet === 0);
}
