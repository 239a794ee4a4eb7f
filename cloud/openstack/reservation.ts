import type * as pulumi from '@pulumi/pulumi';
import type { PortsPlan } from './ports-plan';

/**
 * A port for each router that belongs to no machine, so that Neutron gives its addresses to nobody else.
 *
 * Not with the router's MAC address: OVN delivers a MAC address to the port that has it, and this one is nowhere.
 */
export function reserveAddresses(
  name: string,
  { routers, reservation }: PortsPlan,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  if (reservation === undefined) return [];
  // Loaded when a reservation is asked for: everything else works without it.
  const openstack = require('@pulumi/openstack') as typeof import('@pulumi/openstack');
  const { networkId, subnetIds } = reservation;
  return routers.map((router) => {
    const first = router[0]!.ipAddress;
    const args = {
      networkId,
      name: `egress-router-${first}`,
      description: 'Reserves the addresses of an egress router, which are allowed address pairs of the nodes',
      fixedIps: router.map(({ ipAddress, family }) => ({ ipAddress, subnetId: subnetIds[family]! })),
      noSecurityGroups: true,
    };
    return new openstack.networking.Port(`${name}-${first}`, args, opts);
  });
}
