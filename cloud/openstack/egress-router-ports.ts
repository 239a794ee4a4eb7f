import * as pulumi from '@pulumi/pulumi';
import { AllowedAddressPair } from './allowed-address-pair';
import { DisabledPortSecurity } from './disabled-port-security';
import type { EgressRouterPortsArgs } from './egress-router-ports-args';
import { lookUpPort, PortOwners } from './node-ports';
import { type NodeArgument, type PortsArguments, readPorts } from './ports-arguments';
import { reserveAddresses } from './reservation';

/**
 * Allows egress routers on the nodes of an OpenStack cloud: one allowed address pair for each node's port and each
 * address of each router; with `disablePortSecurity`, no port security on each node's port. The ports and all other
 * pairs on them belong to others and are not changed.
 *
 *     new EgressRouterPorts('billing', {
 *       routers: [router],
 *       nodes: [{ server: 'worker-0' }, { ip: '192.168.12.11' }],
 *     });
 */
export class EgressRouterPorts extends pulumi.ComponentResource {
  /** The pairs, node by node; empty with `disablePortSecurity`. */
  public readonly pairs: readonly AllowedAddressPair[];

  /** The ports without port security, in the order of `nodes`; empty without `disablePortSecurity`. */
  public readonly unfilteredPorts: readonly DisabledPortSecurity[];

  /** The ports that keep the routers' addresses out of the allocation pools, if requested. */
  public readonly reservations: readonly pulumi.CustomResource[];

  /** The ids of the nodes' ports, in the order of `nodes`. */
  public readonly portIds: pulumi.Output<string[]>;

  /**
   * @param name name of the component, and prefix of its resources' names
   * @param args the routers and nodes
   * @param opts options of every component; `provider` is the OpenStack provider of the reservation
   * @throws an error that names every invalid argument, its value and what is accepted
   */
  public constructor(name: string, args: EgressRouterPortsArgs, opts?: pulumi.ComponentResourceOptions) {
    const decoded = readPorts(name, args);
    super('egress-router:openstack:EgressRouterPorts', name, {}, opts);
    const children = { parent: this };
    const portIds = findPorts(decoded);
    this.reservations = reserveAddresses(name, decoded, children);
    this.pairs = decoded.disablePortSecurity ? [] : declarePairs(name, decoded, portIds, children);
    this.unfilteredPorts = decoded.disablePortSecurity ? declareUnfiltered(name, decoded, portIds, children) : [];
    this.portIds = pulumi.all(portIds);
    this.registerOutputs({ portIds: this.portIds });
  }
}

/** Each node's port, looked up at every run: a replaced server has a new one. */
function findPorts({ nodes, where, connection }: PortsArguments): pulumi.Output<string>[] {
  const owners = new PortOwners(where);
  return nodes.map((node) => {
    const portId = 'portId' in node ? node.portId : lookUpPort(node, where, connection);
    return pulumi.output(portId).apply((known) => owners.record(known, node.path));
  });
}

function declarePairs(
  name: string,
  { nodes, routers, connection, pairOptions }: PortsArguments,
  portIds: readonly pulumi.Output<string>[],
  children: pulumi.CustomResourceOptions,
): AllowedAddressPair[] {
  return nodes.flatMap((node, index) =>
    routers.flat().map(({ ipAddress, macAddress }) => {
      const pair = { ...connection, ...pairOptions, portId: portIds[index]!, ipAddress, macAddress };
      const named = (nodeName: string) => `${name}-${nodeName}-${ipAddress}`;
      return new AllowedAddressPair(named(node.name), pair, { ...children, aliases: aliasesOf(node, named) });
    }),
  );
}

function declareUnfiltered(
  name: string,
  { nodes, routers, connection }: PortsArguments,
  portIds: readonly pulumi.Output<string>[],
  children: pulumi.CustomResourceOptions,
): DisabledPortSecurity[] {
  const routerPairs = routers.flat().map(({ ipAddress, macAddress }) => ({ ipAddress, macAddress }));
  return nodes.map((node, index) => {
    const args = { ...connection, portId: portIds[index]!, routerPairs };
    const named = (nodeName: string) => `${name}-${nodeName}`;
    return new DisabledPortSecurity(named(node.name), args, { ...children, aliases: aliasesOf(node, named) });
  });
}

function aliasesOf({ alias }: NodeArgument, named: (nodeName: string) => string): pulumi.Alias[] {
  return alias === undefined ? [] : [{ name: named(alias) }];
}
