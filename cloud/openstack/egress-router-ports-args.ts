import type * as pulumi from '@pulumi/pulumi';
import type { RouterIdentity } from '../router-identity';
import type { Connection } from './client/credentials';

/** A node that routers may run on, by its port, by the name of its server, or by its own address. */
export type RouterNode = NodeByPort | NodeByServer | NodeByAddress;

export interface NodeByPort {
  /** UUID of the port that carries the parent interface of the routers. */
  readonly portId: pulumi.Input<string>;

  /**
   * What resources of this node are named after. Required when the port's id is an output: names have to be known.
   *
   * @default - the port's id
   */
  readonly name?: string;
}

export interface NodeByServer {
  /** Name of the server in Nova. */
  readonly server: string;

  /**
   * UUID of the network on which the server's port lies.
   *
   * @default - the only one that the server has a port on
   */
  readonly networkId?: string;
}

export interface NodeByAddress {
  /** A fixed IP address of the port, such as the node's own address. */
  readonly ip: string;

  /**
   * UUID of the network on which the address lies.
   *
   * @default - the only one on which a port has the address
   */
  readonly networkId?: string;
}

/** A port that belongs to no machine: it takes the reserved addresses out of the network's allocation pools. */
export interface Reservation {
  /** UUID of the network that holds the reserved addresses. */
  readonly networkId: pulumi.Input<string>;

  /** UUID of the subnet that holds the reserved addresses of each family in use. */
  readonly subnetIds: { readonly ipv4?: pulumi.Input<string>; readonly ipv6?: pulumi.Input<string> };
}

export interface EgressRouterPortsArgs extends Connection {
  /** The routers, as the constructs have them or as values. */
  readonly routers: readonly RouterIdentity[];

  /** The nodes that they may run on. */
  readonly nodes: readonly RouterNode[];

  /**
   * Reserve the routers' addresses by a port of their own for each router, with `@pulumi/openstack`.
   *
   * @default - none: the addresses lie outside the allocation pools, or are reserved elsewhere
   */
  readonly reservation?: Reservation;

  /**
   * Address pairs that one port may have (`max_allowed_address_pair` of Neutron).
   *
   * @default 10
   */
  readonly pairLimit?: number;

  /**
   * Leave pairs in place on destroy that were there before.
   *
   * @default false
   */
  readonly keepAdopted?: boolean;

  /**
   * Write even where Neutron lacks the extension `revision-if-match`. Two writers at the same moment may then lose a pair.
   *
   * @default false
   */
  readonly allowUnguardedWrite?: boolean;
}
