import type { MacvlanMode } from '../operator/network-interface';

/** Options of a macvlan interface. */
export interface MacvlanLinkOptions {
  /**
   * Name of the interface of the node that net1 is made on, or an alternative name of it, at most 127 bytes: `eth1`.
   * Here for one router; a network of routers names it in `EgressRouterNetwork`.
   *
   * @default - that of the router's network, then the cluster's; else the interface of the node's default route
   */
  readonly parentInterface?: string;

  /**
   * Mode of the interface: whether routers on one parent interface reach each other.
   *
   * @default MacvlanMode.BRIDGE
   */
  readonly mode?: MacvlanMode;

  /**
   * Largest packet, in bytes, for a LAN whose other hosts take less than the parent interface.
   *
   * @default - the parent interface's
   */
  readonly mtu?: number;

  /**
   * MAC address of the reserved address on the LAN, where a firewall or a hoster prescribes one. Of one router, not of
   * a cluster.
   *
   * @default - derived from the reserved IP: the same on every node and after every restart
   */
  readonly macAddress?: string;

  /**
   * MAC address of the pod that stands by, for a router with `standby`. Of one router, not of a cluster.
   *
   * @default - derived from the reserved IP, as the other one is: it begins with e6 instead of e2
   */
  readonly standbyMacAddress?: string;
}

/** How net1 is connected to the LAN. macvlan is the only kind today. */
export class Link {
  /**
   * A macvlan interface: net1 has a MAC address of its own.
   *
   * @param options of the interface
   * @see https://www.kernel.org/doc/html/latest/networking/macvlan.html
   */
  public static macvlan(options: MacvlanLinkOptions = {}): Link {
    return new Link(options);
  }

  private constructor(
    /** Options of a macvlan interface. */
    public readonly macvlanOptions: MacvlanLinkOptions,
  ) {}
}
