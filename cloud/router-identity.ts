/**
 * What the cloud has to let through: the reserved addresses of a router and the MAC address of its net1. An
 * `EgressRouter` of cdk8s-egress-router is one, and so are its props; so is a plain object, such as an entry of a YAML
 * file that both sides read.
 */
export interface RouterIdentity {
  /** The reserved addresses, `ip` with the prefix length of its subnet (`192.168.12.99/24`) or without. */
  readonly addresses: readonly { readonly ip: string }[];

  /**
   * The MAC address of net1.
   *
   * @default - that which the constructs derive from the addresses, when `mode` is standalone; else it is required
   */
  readonly macAddress?: string;

  /**
   * Who runs the router: the word, or the `RouterMode` of an `EgressRouter` and its props. In operator mode the
   * operator's plugin draws another MAC address at every start of the pod, and no pair lets that through: such a router
   * is refused.
   *
   * @default - nothing is said, and `macAddress` is required
   */
  readonly mode?: 'operator' | 'standalone' | RouterModeIdentity;
}

/** What of a `RouterMode` decides about the MAC address. */
export interface RouterModeIdentity {
  readonly kind: 'operator' | 'standalone';
  readonly standaloneOptions?: {
    readonly link?: { readonly macvlanOptions?: { readonly macAddress?: string } };
  };
}
