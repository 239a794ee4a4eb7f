import type { Field, Located } from '../input/decoder';
import type { MacAddress } from '../values/mac-address';
import type { Macvlan } from '../values/macvlan';
import type { ReservedAddress } from './reserved-address';

/**
 * The port of the pods of a pair on the cluster network: heartbeats by UDP, connections by TCP. Not registered, and
 * below the ports that kernels draw.
 */
export const PAIR_PORT = 10870;

/** The Secret with the key that the pods of a pair make. @param service the Service of the router */
export function pairSecretName(service: string): string {
  return `${service}-pair`;
}

/** Where the parts of a pair stand in the input. */
export interface PairFields {
  readonly standbyMac: Field;
  /** Of the macvlan. */
  readonly mode: Field;
  readonly healthPort: Field;
}

/** Where they stand in the plugin's configuration. */
export function pairFields(config: Field): PairFields {
  return {
    standbyMac: config.member('standbyMac'),
    mode: config.member('interfaceArgs').member('mode'),
    healthPort: config.member('healthPort'),
  };
}

interface PairParts {
  readonly macAddress: MacAddress | undefined;
  readonly standbyMac: MacAddress;
  readonly macvlan: Macvlan;
  readonly addresses: readonly Located<ReservedAddress>[];
}

/** Adds an issue for whatever two pods cannot share. */
export function checkPair(fields: PairFields, { macAddress, standbyMac, macvlan, addresses }: PairParts): void {
  if (standbyMac === macAddress) {
    fields.standbyMac.refuse(
      'is the MAC address of the pod that has the address',
      'another one: the standby has to hear the holder',
    );
  }
  if (macvlan.mode === 'passthru') {
    fields.mode.refuse('takes the parent interface for one MAC address, and a pair has two', 'bridge, private or vepa');
  }
  if (fields.healthPort.value === PAIR_PORT) {
    fields.healthPort.refuse('is the port on which the pods of a pair talk to each other', 'another port');
  }
  for (const { value, field } of addresses) {
    if (value.gateway !== undefined) continue;
    field.refuse(
      'has no gateway, whose answers tell a standby that its own LAN works',
      'a gateway for every address of a router with a standby',
    );
  }
}
