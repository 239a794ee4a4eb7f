/** Modes of a macvlan interface. @see https://man7.org/linux/man-pages/man8/ip-link.8.html */
export enum MacvlanMode {
  /** Routers on the same parent interface reach each other directly. */
  BRIDGE = 'Bridge',
  /** Routers on the same parent interface do not reach each other at all. */
  PRIVATE = 'Private',
  /** Routers on the same parent interface reach each other by way of a switch that sends frames back (802.1Qbg). */
  VEPA = 'VEPA',
  /**
   * One router takes the whole parent interface, and writes its MAC address onto it. Requires `parentInterface` and
   * `macAddress`. Do not use the interface that has the node's own address.
   */
  PASSTHRU = 'Passthru',
}

/** The macvlan interface of the custom resource. */
export interface Macvlan {
  /**
   * Mode of the interface.
   *
   * @default MacvlanMode.BRIDGE
   */
  readonly mode?: MacvlanMode;

  /**
   * Name of the parent interface on the node, or an alternative name of it, at most 127 bytes: `eth1`.
   *
   * @default - the interface of the node's default route
   */
  readonly master?: string;
}

/** The field `networkInterface` of the custom resource: how the router is attached to the LAN. */
export interface NetworkInterface {
  /**
   * A macvlan interface, the only kind there is.
   *
   * @default - bridge mode on the interface of the node's default route
   */
  readonly macvlan?: Macvlan;
}
