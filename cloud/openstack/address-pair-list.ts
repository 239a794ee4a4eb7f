import { type AddressPair, canonicalAddress, canonicalMac } from './address-pair';

/** An entry of `allowed_address_pairs`, in any spelling. */
export interface ListedPair {
  readonly ip_address: string;
  /** Absent or null: the port's own. */
  readonly mac_address?: string | null;
}

/** A resource's change of a port's list: add or remove its pair. */
export interface PairEdit {
  readonly kind: 'add' | 'remove';
  readonly pair: AddressPair;
}

/** Whether the list contains the pair, in any spelling. */
export function holdsPair(list: readonly ListedPair[], pair: AddressPair, portMac: string): boolean {
  const wanted = keyOf(pair);
  return list.some((listed) => keyOfListed(listed, portMac) === wanted);
}

/**
 * Applies the edits to the list, in their order. Other entries keep their spelling and order: they belong to others.
 *
 * @param portMac the MAC of entries without one
 * @returns nothing if no edit changes the list: Neutron counts even an equal list as a change
 */
export function editedList(
  list: readonly ListedPair[],
  edits: readonly PairEdit[],
  portMac: string,
): ListedPair[] | undefined {
  const wanted = new Map(edits.map(({ kind, pair }) => [keyOf(pair), { kind, pair }]));
  const kept = list.filter((listed) => wanted.get(keyOfListed(listed, portMac))?.kind !== 'remove');
  const present = new Set(kept.map((listed) => keyOfListed(listed, portMac)));
  const added = [...wanted]
    .filter(([key, { kind }]) => kind === 'add' && !present.has(key))
    .map(([, { pair }]) => ({ ip_address: pair.ipAddress, mac_address: pair.macAddress }));
  return added.length === 0 && kept.length === list.length ? undefined : [...kept, ...added];
}

function keyOf({ ipAddress, macAddress }: AddressPair): string {
  return `${ipAddress} ${macAddress}`;
}

function keyOfListed({ ip_address, mac_address }: ListedPair, portMac: string): string {
  return `${canonicalAddress(ip_address)} ${canonicalMac(mac_address ?? portMac)}`;
}
