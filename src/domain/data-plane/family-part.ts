import type { NetworkConfig } from '../router/network-config';
import type { Family, IpAddress } from '../values/ip-address';
import type { MarkedFallback, MarkedRules } from './marked-rules';

/** The part of a router for one address family. */
export interface FamilyPart {
  readonly family: Family;
  readonly reserved: IpAddress;
  readonly fallback?: MarkedFallback;
}

export function familyParts({ addresses }: NetworkConfig, { fallbacks }: MarkedRules): FamilyPart[] {
  return addresses.map(({ cidr: { address: reserved } }) => {
    const { family } = reserved;
    const fallback = fallbacks.find(({ address }) => address.family === family);
    return fallback === undefined ? { family, reserved } : { family, reserved, fallback };
  });
}
