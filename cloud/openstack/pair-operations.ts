import type { dynamic } from '@pulumi/pulumi';
import { Field } from '../../src/config/decoder';
import { type Issue, issueText } from '../../src/config/issue';
import { holdsPair } from './address-pair-list';
import { clientOf } from './cloud-client';
import { OpenStackError } from './openstack-error';
import { PAIR_IDENTITY, PAIR_INPUT_NAMES, PAIR_INPUTS, type PairInputs } from './pair-inputs';

/** What Pulumi's state holds of a pair. */
export interface PairState extends PairInputs {
  /** Whether the pair was there before the resource was made. */
  readonly adopted: boolean;
}

/** What Pulumi's engine writes for a value that is not known before the deployment. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Reads the inputs into canonical text, so that another spelling is no change. Refuses what is wrong before any request. */
export function check(news: Record<string, unknown>): dynamic.CheckResult {
  const issues: Issue[] = [];
  const root = Field.root(news, issues);
  const inputs: Record<string, unknown> = {};
  for (const name of PAIR_INPUT_NAMES) {
    const value = news[name] === UNKNOWN ? UNKNOWN : PAIR_INPUTS[name](root.member(name));
    if (value !== undefined) inputs[name] = value;
  }
  return { inputs, failures: issues.map((issue) => ({ property: issue.path, reason: issueText(issue) })) };
}

/** Another pair is put in before the old one is taken out: no packet is lost when a router gets another MAC address. */
export function diff(olds: Record<string, unknown>, news: Record<string, unknown>): dynamic.DiffResult {
  const changed = PAIR_INPUT_NAMES.filter((name) => olds[name] !== news[name]);
  const replaces = PAIR_IDENTITY.filter((name) => changed.includes(name));
  return { changes: changed.length > 0, replaces: [...replaces], deleteBeforeReplace: false };
}

/** Puts the pair into the port's list, or finds it there. */
export async function create(inputs: PairInputs): Promise<dynamic.CreateResult<PairState>> {
  const { portId } = inputs;
  const { wasPresent } = await namingPort(inputs, () =>
    clientOf(inputs).editor.edit(portId, 'add', inputs, {
      allowUnguardedWrite: inputs.allowUnguardedWrite ?? false,
    }),
  );
  return { id: pairId(inputs), outs: { ...inputs, adopted: wasPresent } };
}

/** What can change without another pair is how it is reached and what destroy does. */
export function update(olds: PairState, news: PairInputs): dynamic.UpdateResult<PairState> {
  return { outs: { ...news, adopted: olds.adopted } };
}

/** Nothing when somebody took the pair out, or the port is gone: then the next `up` puts it in again. */
export async function read(state: PairState): Promise<dynamic.ReadResult<PairState>> {
  try {
    const port = await clientOf(state).neutron.port(state.portId);
    const isThere = holdsPair(port.allowed_address_pairs, state, port.mac_address);
    return isThere ? { id: pairId(state), props: state } : {};
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}

/** Takes this pair out and leaves every other as it is now. */
export async function remove(state: PairState): Promise<void> {
  if (state.adopted && state.keepAdopted) return;
  const options = { allowUnguardedWrite: state.allowUnguardedWrite ?? false };
  try {
    await clientOf(state).editor.edit(state.portId, 'remove', state, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function pairId({ portId, ipAddress, macAddress }: PairInputs): string {
  return `${portId}/${ipAddress}/${macAddress}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof OpenStackError && error.status === 404;
}

/** A port that is not there is most often a port that the user does not see. */
async function namingPort<T>({ portId }: PairInputs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { message, status, type } = error as OpenStackError;
    const hint = 'it was deleted with its server, or belongs to a project that these credentials do not see';
    throw new OpenStackError(`${message}; port ${portId} does not exist for this user: ${hint}`, status, type);
  }
}
