import * as pulumi from '@pulumi/pulumi';
import { ConfigError } from '../../src/config/issue';
import { AllowedAddressPair } from './allowed-address-pair';
import type { Connection } from './connection';
import type { EgressRouterPortsArgs } from './egress-router-ports-args';
import { type PlannedNode, type PortsPlan, readPorts } from './ports-plan';
import { reserveAddresses } from './reservation';

/**
 * Lets egress routers run on nodes of an OpenStack cloud: one allowed address pair for each node's port and each address of
 * each router. The ports belong to somebody else, and so do all other pairs on them.
 *
 *     new EgressRouterPorts('billing', { routers: [router], nodes: [{ server: 'worker-0' }, { ip: '192.168.12.11' }] });
 */
export class EgressRouterPorts extends pulumi.ComponentResource {
  /** The pairs, node by node. */
  public readonly pairs: readonly AllowedAddressPair[];

  /** The ports that keep the routers' addresses out of the allocation pools, if that was asked for. */
  public readonly reservations: readonly pulumi.CustomResource[];

  /** The ids of the nodes' ports, in the order of `nodes`. */
  public readonly portIds: pulumi.Output<string[]>;

  /**
   * @param name name of the component, with which those of its resources begin
   * @param args which routers and which nodes
   * @param opts options of every component; `provider` is the OpenStack provider of the reservation
   * @throws an error that names every argument that is wrong, its value and what is accepted
   */
  public constructor(name: string, args: EgressRouterPortsArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = readPorts(name, args);
    super('egress-router:openstack:EgressRouterPorts', name, {}, opts);
    const children = { parent: this };
    const portIds = findPorts(plan);
    this.reservations = reserveAddresses(name, plan, children);
    this.pairs = plan.nodes.flatMap((node, index) =>
      plan.routers.flat().map(({ ipAddress, macAddress }) => {
        const pair = { ...plan.pairOptions, portId: portIds[index]!, ipAddress, macAddress };
        return new AllowedAddressPair(`${name}-${node.name}-${ipAddress}`, pair, children);
      }),
    );
    this.portIds = pulumi.all(portIds);
    this.registerOutputs({ portIds: this.portIds });
  }
}

/** Looked up by the program, at every run: a server that was replaced has another port. */
function findPorts({ nodes, where, pairOptions }: PortsPlan): pulumi.Output<string>[] {
  const claims = new Map<string, string>();
  return nodes.map((node) =>
    pulumi.output(portIdOf(node, where, pairOptions)).apply((portId) => {
      const other = claims.get(portId);
      if (other !== undefined) {
        const problem = `is on the same port as ${other}`;
        throw new ConfigError([{ path: node.path, value: portId, problem, accepted: 'each port once' }], where);
      }
      claims.set(portId, node.path);
      return portId;
    }),
  );
}

function portIdOf(node: PlannedNode, where: string, connection: Connection): pulumi.Input<string> {
  return 'portId' in node ? node.portId : lookUp(node, where, connection);
}

async function lookUp(
  { path, lookUp: node }: Exclude<PlannedNode, { portId: unknown }>,
  where: string,
  connection: Connection,
): Promise<string> {
  // Loaded when a node has to be looked up: most of the package's code is behind it.
  const { findPort } = require('./find-port') as typeof import('./find-port');
  const found = await findPort(node, connection);
  if (typeof found !== 'string') return found.portId;
  const [key, value] = 'ip' in node ? ['ip', node.ip] : ['server', node.server];
  const accepted =
    key === 'ip'
      ? 'an address of exactly one port; networkId tells which of several'
      : 'the name of one server with one port; networkId tells which of several ports, portId names a port itself';
  throw new ConfigError([{ path: `${path}.${key}`, value, problem: found, accepted }], where);
}
