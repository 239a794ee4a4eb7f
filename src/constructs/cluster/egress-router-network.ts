import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue } from '../../domain/input/issue';
import { completeAddress, readSubnets, type Subnet } from '../../domain/router/subnet';
import { readParentName } from '../../domain/values/interface-name';
import { type EgressRouterCluster, isCluster, readCluster } from './egress-router-cluster';

/** A subnet of the LAN, and its way out. */
export interface EgressRouterSubnet {
  /** The subnet with its prefix length: `192.168.12.0/24`. */
  readonly cidr: string;

  /**
   * Address of the next hop, in the subnet or link-local (`fe80::1`).
   *
   * @default - none: only destinations within the subnet are reachable. Operator mode needs one.
   */
  readonly gateway?: string;
}

/** Properties for `EgressRouterNetwork`. */
export interface EgressRouterNetworkProps {
  /** The LAN's subnets: one IPv4, one IPv6, or one of each. */
  readonly subnets: EgressRouterSubnet[];

  /**
   * Name of the nodes' interface on the LAN, or an alternative name of it, at most 127 bytes: `bond0.120`. In operator
   * mode it is written to the custom resource, and the operator does not pass it on, as synth says.
   *
   * @default - the interface of the node's default route
   */
  readonly parentInterface?: string;
}

/**
 * A LAN that routers of one cluster have reserved addresses on. A router of it says its addresses only: prefix length,
 * gateway and parent interface are the network's.
 *
 * It is a plain value.
 */
export class EgressRouterNetwork {
  /** The cluster whose nodes are on the LAN. */
  public readonly cluster: EgressRouterCluster;
  /** Name of the nodes' interface on the LAN; undefined: that of the node's default route. */
  public readonly parentInterface?: string;
  /** The subnets as given. */
  public readonly subnets: EgressRouterSubnet[];

  private readonly decoded: readonly Subnet[];

  /**
   * @param cluster the cluster whose nodes are on the LAN
   * @param props subnets and interface
   * @throws an error that names every field that is wrong, its value and what is accepted
   */
  public constructor(cluster: EgressRouterCluster, props: EgressRouterNetworkProps) {
    const issues: Issue[] = [];
    if (!isCluster(cluster))
      Field.root(cluster, issues, 'cluster').refuse('is not a cluster', 'an EgressRouterCluster');
    const root = Field.root(props, issues);
    const subnets = root.isObjectOf(['subnets', 'parentInterface']) ? root.member('subnets') : undefined;
    this.decoded = subnets === undefined ? [] : readSubnets(subnets);
    this.parentInterface = root.member('parentInterface').optional(readParentName);
    if (issues.length > 0) throw new ConfigError(issues, 'EgressRouterNetwork');
    this.cluster = cluster;
    this.subnets = [...props.subnets];
  }

  /** @internal */
  public _complete(address: Field): unknown {
    return completeAddress(address, this.decoded);
  }
}

/** Reads the network of a router, of this copy of the library or of another. */
export function readNetwork(field: Field): EgressRouterNetwork | undefined {
  const value = field.value as Partial<EgressRouterNetwork> | undefined | null;
  if (typeof value?._complete === 'function' && isCluster(value.cluster)) return value as EgressRouterNetwork;
  return field.refuse('is not a network', 'an EgressRouterNetwork');
}

/** Reads the cluster of a router, which its network says where it has one. */
export function readOwnCluster(field: Field, network: EgressRouterNetwork | undefined): EgressRouterCluster {
  const given = readCluster(field);
  if (network === undefined) return given;
  const { cluster } = network;
  if (isCluster(field.value) && given.name !== cluster.name) {
    const problem = `is not the cluster of the router's network, which is "${cluster.name}"`;
    field.withValue(given.name).refuse(problem, 'nothing: the network says the cluster');
  }
  return cluster;
}
