import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { decodeEthernet } from '../packet/ethernet';
import { readAddressUse } from './address-use';

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
  const use = frame && readAddressUse(frame);
  // Our own frame, reflected by a switch, a bond or a wireless bridge.
  if (use === undefined || use.mac === ownMac) return undefined;
  const { mac, holds, asks } = use;
  const isUnicast = frame!.destination === ownMac;
  const reservedAddress = (wanted: IpAddress) => addresses.find(({ text }) => text === wanted.text);
  // RFC 5227, 2.1.1, and RFC 4862, 5.4.3 and 5.4.4: any packet from the address, or an advertisement of it.
  const held = holds.map(reservedAddress).find((address) => address !== undefined);
  if (held !== undefined) return { address: held, mac, kind: 'held', isUnicast };
  // The same: another host's probe for it, which has no address of its own.
  const asked = asks && holds.every(isUnspecified) ? reservedAddress(asks) : undefined;
  return asked && { address: asked, mac, kind: mac < ownMac ? 'wanted' : 'yielded', isUnicast };
}

function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((octet) => octet === 0);
}
