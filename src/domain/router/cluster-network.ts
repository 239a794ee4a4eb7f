import type { Field } from '../input/decoder';
import type { Issue } from '../input/issue';
import { type Cidr, contains, parseCidr } from '../values/cidr';
import type { RouterSpec } from './router-spec';

/** A network of the cluster itself, where a router has nothing to send to. */
export interface ClusterNetwork {
  readonly cidr: Cidr;
  /** What has its addresses there. */
  readonly holders: 'pods' | 'Services';
}

const NETWORKS = 'a list of networks, such as ["10.128.0.0/14"]';

/** Reads a list of networks; nothing where none is given. */
export function readClusterNetworks(list: Field, holders: ClusterNetwork['holders']): ClusterNetwork[] {
  if (!list.isPresent) return [];
  return list.elements(NETWORKS).flatMap((field) => {
    const text = field.text(NETWORKS);
    const cidr = text === undefined ? undefined : parseCidr(text);
    if (typeof cidr !== 'string') return cidr === undefined ? [] : [{ cidr, holders }];
    return field.refuse(cidr, 'a network with its prefix length, such as "10.128.0.0/14"') ?? [];
  });
}

/** Issues of a router that would send to the cluster itself, or has an address of it. */
export function clusterNetworkIssues(spec: RouterSpec, networks: readonly ClusterNetwork[]): Issue[] {
  const used = [
    ...spec.addresses.map(({ cidr }, index) => ({ path: `addresses[${index}].ip`, address: cidr.address })),
    ...spec.rules.map(({ destination }, index) => ({
      path: `redirectRules[${index}].destinationIp`,
      address: destination,
    })),
    ...(spec.fallback === undefined ? [] : [{ path: 'fallbackIp', address: spec.fallback }]),
  ];
  return used.flatMap(({ path, address }) => {
    const network = networks.find(({ cidr }) => contains(cidr, address));
    if (network === undefined) return [];
    const problem = `is in ${network.cidr.text}, the network of the cluster's ${network.holders}`;
    return [{ path, value: address.text, problem, accepted: 'an address outside the cluster' }];
  });
}
