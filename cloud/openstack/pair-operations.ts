import { holdsPair } from './address-pair-list';
import { clientOf } from './cloud-client';
import type { DeclaredResources } from './declared-resources';
import type { EditOptions } from './pair-editor';
import { PAIR_INPUT_NAMES, PAIR_INPUTS, PAIR_PLACE, type PairInputs } from './pair-inputs';
import { PortOperations, type PortResource } from './port-resource';

/** A pair in Pulumi's state. */
export interface PairState extends PairInputs {
  /** Whether the pair existed before the resource was created. */
  readonly adopted: boolean;
}

/** A pair on a port. A new MAC address replaces the old one in one write. */
const PAIR: PortResource<PairInputs, PairState> = {
  readers: PAIR_INPUTS,
  compared: PAIR_INPUT_NAMES,
  replacing: PAIR_PLACE,
  keyOf,
  idOf: ({ portId, ipAddress }) => `${portId}/${ipAddress}`,
  make: async (inputs) => {
    const { wasPresent } = await clientOf(inputs).editor.addPair(inputs.portId, inputs, optionsOf(inputs));
    return { ...inputs, adopted: wasPresent };
  },
  change,
  isMade: (port, state) => holdsPair(port.allowed_address_pairs, state, port.mac_address),
  isKept,
  undo: async (state) => {
    await clientOf(state).editor.removePair(state.portId, state, optionsOf(state));
  },
};

/** The operations of an `AllowedAddressPair`. */
export const { check, diff, create, update, read, remove, provider } = new PortOperations(PAIR);

/** Adds the pair to the port's list and removes the previous one, unless that is equal or to be kept. */
async function change(olds: PairState, news: PairInputs, pairs: DeclaredResources): Promise<PairState> {
  const isSamePair = olds.macAddress === news.macAddress;
  const stays = isSamePair || isKept(olds) || pairs.isDeclared(keyOf(olds));
  const insteadOf = stays ? undefined : olds;
  if (insteadOf !== undefined) pairs.markRemoved(keyOf(insteadOf));
  const options = { ...optionsOf(news), insteadOf };
  const { wasPresent } = await clientOf(news).editor.addPair(news.portId, news, options);
  return { ...news, adopted: wasPresent && (!isSamePair || olds.adopted) };
}

function isKept({ adopted, keepAdopted = false }: PairState): boolean {
  return adopted && keepAdopted;
}

function keyOf({ portId, ipAddress, macAddress }: PairInputs): string {
  return `${portId} ${ipAddress} ${macAddress}`;
}

function optionsOf({ allowUnguardedWrite = false }: PairInputs): EditOptions {
  return { allowUnguardedWrite };
}
