import type * as pulumi from '@pulumi/pulumi';
import type { PortsArguments } from './ports-arguments';

/**
 * Creates a port without a machine for each router, so that Neutron does not assign the router's addresses to other
 * ports.
 *
 * The port does not get the router's MAC address: OVN would deliver the router's packets to this port.
 *
 * @throws an error that says what to install if `@pulumi/openstack` is missing
 */
export function reserveAddresses(
  name: string,
  { where, routers, reservation }: PortsArguments,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  if (reservation === undefined) return [];
  const openstack = openStackPackage(where);
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

/** Loaded only for a reservation: everything else works without it. */
function openStackPackage(where: string): typeof import('@pulumi/openstack') {
  const name = '@pulumi/openstack';
  try {
    return require('@pulumi/openstack');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    throw new Error(`[${where}] reservation: needs the package ${name}, which is not installed: npm install ${name}`);
  }
}
