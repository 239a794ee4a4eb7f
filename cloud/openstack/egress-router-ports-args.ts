import type * as pulumi from '@pulumi/pulumi';
import type { RouterIdentity } from '../router-identity';
import type { Connection } from './client/credentials';

/** A node for routers, identified by its port, its server's name, or its own address. */
export type RouterNode = NodeByPort | NodeByServer | NodeByAddress;

export interface NodeByPort {
  /** UUID of the port of the routers' parent interface. */
  readonly portId: pulumi.Input<string>;

  /**
   * The name of the node's resources. Required if the port's id is an output: names must be known in advance.
   *
   * @default - the port's id
   */
  readonly name?: string;
}

export interface NodeByServer {
  /** Name of the server in Nova. */
  readonly server: string;

  /**
   * UUID of the network of the server's port.
   *
   * @default - the only network on which the server has a port
   */
  readonly networkId?: string;
}

export interface NodeByAddress {
  /** A fixed IP address of the port, such as the node's own address. */
  readonly ip: string;

  /**
   * UUID of the address's network.
   *
   * @default - the only network on which a port has the address
   */
  readonly networkId?: string;
}

/** A port without a machine, which keeps the reserved addresses out of the network's allocation pools. */
export interface Reservation {
  /** UUID of the network of the reserved addresses. */
  readonly networkId: pulumi.Input<string>;

  /** UUID of the subnet of the reserved addresses, for each family in use. */
  readonly subnetIds: { readonly ipv4?: pulumi.Input<string>; readonly ipv6?: pulumi.Input<string> };
}

export interface EgressRouterPortsArgs extends Connection {
  /** The routers, as constructs or as values. */
  readonly routers: readonly RouterIdentity[];

  /** The nodes on which they may run. */
  readonly nodes: readonly RouterNode[];

  /**
   * Switch port security off on the nodes' ports, instead of adding address pairs: the way on ML2/OVN, Neutron's
   * default backend. The ports must be those of a network card that only routers use, because their security groups are
   * taken off (and restored on destroy), and every MAC and IP address may pass. A port with pairs of others is
   * rejected.
   *
   * @default false - an address pair for each node's port and each address of each router
   */
  readonly disablePortSecurity?: boolean;

  /**
   * Reserve the routers' addresses with one additional port for each router, by `@pulumi/openstack`.
   *
   * With `disablePortSecurity` only where OVN's `ignore_lsp_down` is false, as newer releases of Neutron write it: else
   * OVN answers ARP requests for the address with the MAC address of the reservation.
   *
   * @default - no reservation: the addresses are outside of the allocation pools, or reserved elsewhere
   */
  readonly reservation?: Reservation;

  /**
   * The number of address pairs that one port may have (`max_allowed_address_pair` of Neutron).
   *
   * @default 10
   */
  readonly pairLimit?: number;

  /**
   * Keep pairs on destroy that existed before.
   *
   * @default false
   */
  readonly keepAdopted?: boolean;

  /**
   * Write even if Neutron lacks the extension `revision-if-match`. Concurrent writers may then lose a pair.
   *
   * @default false
   */
  readonly allowUnguardedWrite?: boolean;
}
