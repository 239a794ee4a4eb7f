import { serverText } from './client/server-text';
import { clientOf } from './cloud-client';
import type { DeclaredResources } from './declared-resources';
import { PortOperations, type PortResource } from './port-resource';
import { PORT_SECURITY_INPUTS, type PortSecurityInputs } from './port-security-inputs';
import { PortSecuritySwitch, type SwitchedOff } from './port-security-switch';

/** A port without port security in Pulumi's state. */
export interface PortSecurityState extends PortSecurityInputs, SwitchedOff {}

/** A port without port security. */
const UNFILTERED_PORT: PortResource<PortSecurityInputs, PortSecurityState> = {
  readers: PORT_SECURITY_INPUTS,
  // The routers' pairs matter only when the resource is created.
  compared: ['portId', 'cloud', 'region', 'allowUnguardedWrite'],
  replacing: ['portId'],
  keyOf: ({ portId }) => portId,
  idOf: ({ portId }) => portId,
  make,
  change,
  isMade: ({ port_security_enabled }) => port_security_enabled === false,
  // Off before: `undo` decides, because the port itself records whether this package switched it off.
  isKept: () => false,
  undo,
};

/** The operations of a `DisabledPortSecurity`. */
export const { check, diff, create, update, read, remove, provider } = new PortOperations(UNFILTERED_PORT);

async function make(inputs: PortSecurityInputs): Promise<PortSecurityState> {
  return { ...inputs, ...(await switchOf(inputs).off(inputs.portId, inputs.routerPairs ?? [])) };
}

/** Switches port security off again if another resource of the deployment has restored it. */
async function change(
  { adopted, securityGroups }: PortSecurityState,
  news: PortSecurityInputs,
  ports: DeclaredResources,
): Promise<PortSecurityState> {
  return ports.wasRemoved(news.portId) ? make(news) : { ...news, adopted, securityGroups };
}

/** Restores port security, unless it was off before. */
async function undo(state: PortSecurityState): Promise<void> {
  const { portId, adopted, securityGroups } = state;
  const missing = await switchOf(state).on(portId, adopted ? undefined : securityGroups);
  if (missing.length === 0) return;
  console.warn(
    `warning: port ${portId}: port security is on again, without the security groups ${serverText(missing.join(', '))}: they were ` +
      'deleted, or these credentials cannot see them',
  );
}

function switchOf(inputs: PortSecurityInputs): PortSecuritySwitch {
  return new PortSecuritySwitch(clientOf(inputs).neutron, inputs.allowUnguardedWrite ?? false);
}
