import type { dynamic } from '@pulumi/pulumi';
import type { AddressPair } from './address-pair';
import { holdsPair } from './address-pair-list';
import { checkInputs } from './check-inputs';
import { explainMissingPort, isPortGone } from './client/port-gone';
import { clientOf } from './cloud-client';
import { DeclaredResources } from './declared-resources';
import type { EditOptions, EditResult } from './pair-editor';
import { PAIR_INPUT_NAMES, PAIR_INPUTS, PAIR_PLACE, type PairInputs } from './pair-inputs';

/** A pair in Pulumi's state. */
export interface PairState extends PairInputs {
  /** Whether the pair existed before the resource was created. */
  readonly adopted: boolean;
}

/** One for the process, which serves one deployment. Port ids are unique, across clouds and regions. */
const pairs = new DeclaredResources();

/**
 * Reads the inputs into canonical text, so that another spelling is not a change, and rejects invalid ones before any
 * request.
 */
export function check(news: Record<string, unknown>): dynamic.CheckResult {
  const checked = checkInputs(news, PAIR_INPUTS);
  if (checked.failures.length === 0) pairs.declare(keyOf(checked.inputs as unknown as PairInputs));
  return checked;
}

/** A new MAC address replaces the old one in one write; a new port or IP address replaces the resource. */
export function diff(olds: Record<string, unknown>, news: Record<string, unknown>): dynamic.DiffResult {
  const changed = PAIR_INPUT_NAMES.filter((name) => olds[name] !== news[name]);
  const replaces = PAIR_PLACE.filter((name) => changed.includes(name));
  const isLost = pairs.wasRemoved(keyOf(news as unknown as PairInputs));
  return { changes: changed.length > 0 || isLost, replaces: [...replaces], deleteBeforeReplace: false };
}

/** Adds the pair to the port's list, or adopts it. */
export async function create(inputs: PairInputs): Promise<dynamic.CreateResult<PairState>> {
  const { wasPresent } = await addPair(inputs);
  return { id: resourceId(inputs), outs: { ...inputs, adopted: wasPresent } };
}

/** Adds the pair to the port's list and removes the previous one, unless that is equal or to be kept. */
export async function update(olds: PairState, news: PairInputs): Promise<dynamic.UpdateResult<PairState>> {
  const isSamePair = olds.macAddress === news.macAddress;
  const old = isSamePair || staysInPlace(olds) ? undefined : olds;
  if (old !== undefined) pairs.markRemoved(keyOf(old));
  const { wasPresent } = await addPair(news, old);
  return { outs: { ...news, adopted: wasPresent && (!isSamePair || olds.adopted) } };
}

/** Returns nothing if the pair was removed or the port is gone: then the next `up` adds the pair again. */
export async function read(state: PairState): Promise<dynamic.ReadResult<PairState>> {
  try {
    const port = await clientOf(state).neutron.port(state.portId);
    const isThere = holdsPair(port.allowed_address_pairs, state, port.mac_address);
    return isThere ? { id: resourceId(state), props: state } : {};
  } catch (error) {
    if (isPortGone(error)) return {};
    throw error;
  }
}

/** Removes this pair only, unless another resource of the program has it now. */
export async function remove(state: PairState): Promise<void> {
  if (staysInPlace(state)) return;
  pairs.markRemoved(keyOf(state));
  try {
    await clientOf(state).editor.removePair(state.portId, state, optionsOf(state));
  } catch (error) {
    if (!isPortGone(error)) throw error;
  }
}

/** The provider that the code in the state returns to Pulumi. @see ./provider-code */
export const provider: dynamic.ResourceProvider<PairInputs, PairState> = {
  check: async (_olds, news) => check({ ...news }),
  diff: async (_id, olds, news) => diff({ ...olds }, { ...news }),
  create,
  update: (_id, olds, news) => update(olds, news),
  read: (_id, state) => read(state!),
  delete: (_id, state) => remove(state),
};

function staysInPlace(state: PairState): boolean {
  return (state.adopted && state.keepAdopted) || pairs.isDeclared(keyOf(state));
}

/** @throws an error that explains a missing port: usually the user cannot see it */
async function addPair(inputs: PairInputs, insteadOf?: AddressPair): Promise<EditResult> {
  const { portId } = inputs;
  try {
    return await clientOf(inputs).editor.addPair(portId, inputs, { ...optionsOf(inputs), insteadOf });
  } catch (error) {
    throw explainMissingPort(error, portId);
  }
}

function keyOf({ portId, ipAddress, macAddress }: PairInputs): string {
  return `${portId} ${ipAddress} ${macAddress}`;
}

function optionsOf({ allowUnguardedWrite = false }: PairInputs): EditOptions {
  return { allowUnguardedWrite };
}

/** The inputs that identify the resource. */
function resourceId({ portId, ipAddress }: PairInputs): string {
  return `${portId}/${ipAddress}`;
}
