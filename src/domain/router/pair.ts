import type { Field, Located } from '../input/decoder';
import type { MacAddress } from '../values/mac-address';
import type { Macvlan } from '../values/macvlan';
import type { ReservedAddress } from './reserved-address';

/**
 * The port of the pods of a pair on the cluster network: heartbeats by UDP, connections by TCP. Not registered, and
 * below the ports that kernels draw.
 */
export const PAIR_PORT = 10870;

interface PairParts {
  readonly macAddress: MacAddress | undefined;
  readonly standbyMac: MacAddress;
  readonly macvlan: Macvlan;
  readonly addresses: readonly Located<ReservedAddress>[];
}

/** Adds an issue for whatever two pods cannot share. */
export function checkPair(root: Field, { macAddress, standbyMac, macvlan, addresses }: PairParts): void {
  const field = root.member('standbyMac');
  if (standbyMac === macAddress) {
    field.refuse(
      'is the MAC address of the pod that has the address',
      'another one: the standby has to hear the holder',
    );
  }
  if (macvlan.mode === 'passthru') {
    root
      .member('interfaceArgs')
      .member('mode')
      .refuse('takes the parent interface for one MAC address, and a pair has two', 'bridge, private or vepa');
  }
  for (const { value, field: address } of addresses) {
    if (value.gateway !== undefined) continue;
    address.refuse(
      'has no gateway, whose answers tell a standby that its own LAN works',
      'a gateway for every address of a router with a standby',
    );
  }
}
