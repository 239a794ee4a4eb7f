/**
 * What the cloud has to let through: the reserved addresses of a router and the MAC address of its net1. An
 * `EgressRouter` of cdk8s-egress-router is one; so is a plain object, such as an entry of a YAML file that both sides
 * read.
 */
export interface RouterIdentity {
  /** The reserved addresses, `ip` with the prefix length of its subnet (`192.168.12.99/24`) or without. */
  readonly addresses: readonly { readonly ip: string }[];

  /**
   * The MAC address of net1.
   *
   * @default - that which the constructs derive from the addresses, when `provisioning` is `standalone`; else it is
   * required
   */
  readonly macAddress?: string;

  /**
   * Who runs the router. In `operator` mode the operator's plugin draws another MAC address whenever the pod starts, so
   * no pair can let it through: such a router is refused.
   *
   * @default - nothing is said, and `macAddress` is required
   */
  readonly provisioning?: 'operator' | 'standalone';
}
