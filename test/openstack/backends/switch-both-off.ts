import {
  type PortSecurityState,
  create as switchOff,
  remove as switchOn,
} from '../../../cloud/openstack/port-security-operations';
import type { RouterLab } from './router-lab';

/** Ports without port security. */
export interface SwitchedOff {
  readonly states: readonly PortSecurityState[];
  /** What destroy does. */
  restore(): Promise<void>;
}

/** What a deployment with `disablePortSecurity` does to the nodes' ports. */
export async function switchBothOff({ ports }: RouterLab): Promise<SwitchedOff> {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const states: PortSecurityState[] = [];
  for (const { id } of ports) states.push((await switchOff({ portId: id })).outs!);
  warn.mockRestore();
  const restore = async () => {
    for (const state of states) await switchOn(state);
  };
  return { states, restore };
}
