import type { Issue } from '../input/issue';
import { contains } from '../values/cidr';
import type { IpAddress } from '../values/ip-address';
import type { ClusterNetwork } from './cluster-network';
import type { RouterSpec } from './router-spec';

/** Issues of a router that would send to the cluster itself, or has an address of it. */
export function clusterNetworkIssues(spec: RouterSpec, networks: readonly ClusterNetwork[]): Issue[] {
  const networkOf = (address: IpAddress) => networks.find(({ cidr }) => contains(cidr, address));
  const used = [
    ...spec.addresses.map(({ cidr }, index) => ({ path: `addresses[${index}].ip`, address: cidr.address })),
    ...spec.addresses.flatMap(({ cidr, gateway }, index) =>
      gateway === undefined || networkOf(cidr.address)
        ? []
        : [{ path: `addresses[${index}].gateway`, address: gateway }],
    ),
    ...spec.rules.flatMap(({ destination, host }, index) =>
      host === undefined ? [{ path: `redirectRules[${index}].destinationIp`, address: destination }] : [],
    ),
    ...spec.hosts.flatMap(({ addresses }, host) =>
      addresses.map((address, index) => ({ path: `hosts[${host}].addresses[${index}]`, address })),
    ),
    ...(spec.fallback === undefined ? [] : [{ path: 'fallbackIp', address: spec.fallback }]),
  ];
  return used.flatMap(({ path, address }) => {
    const network = networkOf(address);
    if (network === undefined) return [];
    const problem = `is in ${network.cidr.text}, the network of the cluster's ${network.holders}`;
    return [{ path, value: address.text, problem, accepted: 'an address outside the cluster' }];
  });
}
