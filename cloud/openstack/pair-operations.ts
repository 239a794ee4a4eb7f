import type { dynamic } from '@pulumi/pulumi';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import type { AddressPair } from './address-pair';
import { holdsPair } from './address-pair-list';
import { isPortGone } from './client/neutron';
import { OpenStackError } from './client/openstack-error';
import { clientOf } from './cloud-client';
import { DeclaredPairs } from './declared-pairs';
import type { EditOptions, EditResult } from './pair-editor';
import { PAIR_INPUT_NAMES, PAIR_INPUTS, PAIR_PLACE, type PairInputs } from './pair-inputs';

/** A pair in Pulumi's state. */
export interface PairState extends PairInputs {
  /** Whether the pair existed before the resource was created. */
  readonly adopted: boolean;
}

/** The engine's placeholder of a value that is not known before the deployment. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** One for the process, which serves one deployment. */
const pairs = new DeclaredPairs();

/**
 * Reads the inputs into canonical text, so that another spelling is not a change, and rejects invalid ones before any
 * request.
 */
export function check(news: Record<string, unknown>): dynamic.CheckResult {
  const issues: Issue[] = [];
  const root = Field.root(news, issues);
  const inputs: Record<string, unknown> = {};
  for (const name of PAIR_INPUT_NAMES) {
    const value = news[name] === UNKNOWN ? UNKNOWN : PAIR_INPUTS[name](root.member(name));
    if (value !== undefined) inputs[name] = value;
  }
  if (issues.length === 0) pairs.declare(inputs as unknown as PairInputs);
  return { inputs, failures: issues.map((issue) => ({ property: issue.path, reason: issueText(issue) })) };
}

/** A new MAC address replaces the old one in one write; a new port or IP address replaces the resource. */
export function diff(olds: Record<string, unknown>, news: Record<string, unknown>): dynamic.DiffResult {
  const changed = PAIR_INPUT_NAMES.filter((name) => olds[name] !== news[name]);
  const replaces = PAIR_PLACE.filter((name) => changed.includes(name));
  const isLost = pairs.wasRemoved(news as unknown as PairInputs);
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
  if (old !== undefined) pairs.markRemoved(old);
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
  pairs.markRemoved(state);
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
  return (state.adopted && state.keepAdopted) || pairs.isDeclared(state);
}

/** @throws an error that explains a missing port: usually the user cannot see it */
async function addPair(inputs: PairInputs, insteadOf?: AddressPair): Promise<EditResult> {
  const { portId } = inputs;
  try {
    return await clientOf(inputs).editor.addPair(portId, inputs, { ...optionsOf(inputs), insteadOf });
  } catch (error) {
    if (!isPortGone(error)) throw error;
    const { message, status, type } = error;
    const hint = 'it was deleted with its server, or belongs to a project that these credentials cannot see';
    throw new OpenStackError(`${message}; port ${portId} does not exist for this user: ${hint}`, status, type);
  }
}

function optionsOf({ allowUnguardedWrite = false }: PairInputs): EditOptions {
  return { allowUnguardedWrite };
}

/** The inputs that identify the resource. */
function resourceId({ portId, ipAddress }: PairInputs): string {
  return `${portId}/${ipAddress}`;
}
