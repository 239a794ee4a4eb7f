import type { Field, Located } from '../input/decoder';
import { deriveStandbyMacAddress, type MacAddress, readMacAddress } from '../values/mac-address';
import type { Macvlan } from '../values/macvlan';
import { checkPair } from './pair';
import { Platform } from './platform';
import type { ReservedAddress } from './reserved-address';

interface StandbyContext {
  readonly macvlan: Macvlan;
  /** Of the pod with the address; absent where it was refused. */
  readonly macAddress: MacAddress | undefined;
  readonly addresses: readonly Located<ReservedAddress>[];
}

/** Whether the mode of a router asks for a standby; what is wrong with the value, `readStandby` says. */
export function hasStandby(mode: Field): boolean {
  return mode.member('standby').value === true;
}

/** Reads the MAC address of a router's standby; none without a standby. */
export function readStandby(mode: Field, { macvlan, macAddress, addresses }: StandbyContext): MacAddress | undefined {
  const isPair = mode.member('standby').optional((field) => field.flag()) ?? false;
  const [given, secret] = [mode.member('link').member('standbyMacAddress'), mode.member('standbyKeySecret')];
  const read = given.optional(readMacAddress);
  if (!isPair) {
    for (const field of [given, secret])
      if (field.isPresent) field.withValue(plainValue(field)).refuse('is for a standby', 'nothing, or standby: true');
    return undefined;
  }
  if (addresses.length === 0 || (given.isPresent && read === undefined)) return undefined;
  const standbyMac = read ?? deriveStandbyMacAddress(addresses.map(({ value }) => value.cidr.address));
  const fields = {
    standbyMac: given.withValue(standbyMac),
    mode: mode.member('link').member('mode'),
    healthPort: mode.member('healthPort'),
  };
  checkPair(fields, { macAddress, standbyMac, macvlan, addresses });
  return standbyMac;
}

/** A construct would be printed with the whole app around it. */
function plainValue({ value }: Field): unknown {
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}

/** What deserves attention about a router with a standby. */
export function standbyWarnings(platform: Platform | undefined): string[] {
  if (platform !== Platform.OPENSTACK) return [];
  return [
    `mode.standby: OpenStack's port security drops ARP probes of a pod without an address, so that a standby behind it hears neither the holder nor the gateway, and does not take over when the holder fails; switch port security off on the nodes' ports`,
  ];
}
