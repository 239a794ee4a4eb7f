import { create as addPair, type PairState, remove as removePair } from '../../../../cloud/openstack/pair-operations';
import { debianNeutron } from '../../server/neutron-release';
import type { Subject } from '../describe-with-backend';
import { MAC, ROUTER, type RouterLab } from '../router-lab';
import { type FirewallDriver, Ovs } from './ovs';

/** ML2/OVS of Debian's Neutron, whose agents filter with a firewall. */
export function withFirewall(firewall: FirewallDriver): Subject<Ovs> {
  return { backend: (unpacked) => Ovs.start(unpacked, firewall), release: debianNeutron };
}

/** Pairs on the ports of nodes. */
export interface Paired {
  /** What destroy does. */
  restore(): Promise<void>;
}

/** What a deployment of the router's pairs does to the ports of these nodes. */
export async function pairOn({ ports }: RouterLab, ...nodes: readonly number[]): Promise<Paired> {
  const states: PairState[] = [];
  for (const node of nodes)
    for (const ipAddress of ROUTER)
      states.push((await addPair({ portId: ports[node]!.id, ipAddress, macAddress: MAC })).outs!);
  const restore = async () => {
    for (const state of states) await removePair(state);
  };
  return { restore };
}
