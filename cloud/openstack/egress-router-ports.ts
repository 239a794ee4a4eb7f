import * as pulumi from '@pulumi/pulumi';
import { AllowedAddressPair } from './allowed-address-pair';
import type { EgressRouterPortsArgs } from './egress-router-ports-args';
import { lookUpPort, PortOwners } from './node-ports';
import { type PortsArguments, readPorts } from './ports-arguments';
import { reserveAddresses } from './reservation';

/**
 * Allows egress routers on the nodes of an OpenStack cloud: one allowed address pair for each node's port and each
 * address of each router. The ports and all other pairs on them belong to others and are not changed.
 *
 *     new EgressRouterPorts('billing', {
 *       routers: [router],
 *       nodes: [{ server: 'worker-0' }, { ip: '192.168.12.11' }],
 *     });
 */
export class EgressRouterPorts extends pulumi.ComponentResource {
  /** The pairs, node by node. */
  public readonly pairs: readonly AllowedAddressPair[];

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
    this.pairs = decoded.nodes.flatMap((node, index) =>
      decoded.routers.flat().map(({ ipAddress, macAddress }) => {
        const pair = { ...decoded.pairOptions, portId: portIds[index]!, ipAddress, macAddress };
        const named = (nodeName: string) => `${name}-${nodeName}-${ipAddress}`;
        const aliases = node.alias === undefined ? [] : [{ name: named(node.alias) }];
        return new AllowedAddressPair(named(node.name), pair, { ...children, aliases });
      }),
    );
    this.portIds = pulumi.all(portIds);
    this.registerOutputs({ portIds: this.portIds });
  }
}

/** Each node's port, looked up at every run: a replaced server has a new one. */
function findPorts({ nodes, where, pairOptions }: PortsArguments): pulumi.Output<string>[] {
  const owners = new PortOwners(where);
  return nodes.map((node) => {
    const portId = 'portId' in node ? node.portId : lookUpPort(node, where, pairOptions);
    return pulumi.output(portId).apply((known) => owners.record(known, node.path));
  });
}
