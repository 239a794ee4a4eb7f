import type { dynamic } from '@pulumi/pulumi';
import { checkInputs } from './check-inputs';
import { explainMissingPort, isPortGone } from './client/port-gone';
import { clientOf } from './cloud-client';
import { DeclaredResources } from './declared-resources';
import { PORT_SECURITY_INPUTS, type PortSecurityInputs } from './port-security-inputs';
import { PortSecuritySwitch, type SwitchedOff } from './port-security-switch';

/** A port without port security in Pulumi's state. */
export interface PortSecurityState extends PortSecurityInputs, SwitchedOff {}

/** The inputs whose change is one. The routers' pairs matter only when the resource is created. */
const COMPARED = ['portId', 'cloud', 'region', 'allowUnguardedWrite'] as const;

/** One for the process, which serves one deployment. Port ids are unique, across clouds and regions. */
const ports = new DeclaredResources();

/** Reads the inputs into canonical text, and rejects invalid ones before any request. */
export function check(news: Record<string, unknown>): dynamic.CheckResult {
  const checked = checkInputs(news, PORT_SECURITY_INPUTS);
  if (checked.failures.length === 0) ports.declare((checked.inputs as unknown as PortSecurityInputs).portId);
  return checked;
}

/** A new port replaces the resource. */
export function diff(olds: Record<string, unknown>, news: Record<string, unknown>): dynamic.DiffResult {
  const changed = COMPARED.filter((name) => olds[name] !== news[name]);
  const isLost = ports.wasRemoved(String(news.portId));
  const replaces = changed.filter((name) => name === 'portId');
  return { changes: changed.length > 0 || isLost, replaces, deleteBeforeReplace: false };
}

/** Switches port security off, or adopts a port where it is off. */
export async function create(inputs: PortSecurityInputs): Promise<dynamic.CreateResult<PortSecurityState>> {
  const { portId, routerPairs = [] } = inputs;
  try {
    return { id: portId, outs: { ...inputs, ...(await switchOf(inputs).off(portId, routerPairs)) } };
  } catch (error) {
    throw explainMissingPort(error, portId);
  }
}

/** Switches port security off again if another resource of the deployment has restored it. */
export async function update(
  olds: PortSecurityState,
  news: PortSecurityInputs,
): Promise<dynamic.UpdateResult<PortSecurityState>> {
  if (!ports.wasRemoved(news.portId)) {
    return { outs: { ...news, adopted: olds.adopted, securityGroups: olds.securityGroups } };
  }
  return { outs: (await create(news)).outs };
}

/** Returns nothing if port security is on or the port is gone: then the next `up` switches it off again. */
export async function read(state: PortSecurityState): Promise<dynamic.ReadResult<PortSecurityState>> {
  try {
    const port = await clientOf(state).neutron.port(state.portId);
    return port.port_security_enabled === false ? { id: state.portId, props: state } : {};
  } catch (error) {
    if (isPortGone(error)) return {};
    throw error;
  }
}

/** Restores port security, unless another resource of the program wants it off, or it was off before. */
export async function remove(state: PortSecurityState): Promise<void> {
  const { portId, adopted, securityGroups } = state;
  if (ports.isDeclared(portId)) return;
  ports.markRemoved(portId);
  try {
    const missing = await switchOf(state).on(portId, adopted ? undefined : securityGroups);
    if (missing.length === 0) return;
    console.warn(
      `warning: port ${portId}: port security is on again, without the security groups ${missing.join(', ')}: they were ` +
        'deleted, or these credentials cannot see them',
    );
  } catch (error) {
    if (!isPortGone(error)) throw error;
  }
}

/** The provider that the code in the state returns to Pulumi. @see ./provider-code */
export const provider: dynamic.ResourceProvider<PortSecurityInputs, PortSecurityState> = {
  check: async (_olds, news) => check({ ...news }),
  diff: async (_id, olds, news) => diff({ ...olds }, { ...news }),
  create,
  update: (_id, olds, news) => update(olds, news),
  read: (_id, state) => read(state!),
  delete: (_id, state) => remove(state),
};

function switchOf(inputs: PortSecurityInputs): PortSecuritySwitch {
  return new PortSecuritySwitch(clientOf(inputs).neutron, inputs.allowUnguardedWrite ?? false);
}
