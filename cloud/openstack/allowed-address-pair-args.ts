import type * as pulumi from '@pulumi/pulumi';

/** One address pair on one port, and the cloud that the port is in. */
export interface AllowedAddressPairArgs {
  /** UUID of the port. The port belongs to others: only this one pair of its list is managed. */
  readonly portId: pulumi.Input<string>;

  /** The source address of the pair's packets: `192.168.12.99`, `2001:db8::99`, or a subnet in CIDR notation. */
  readonly ipAddress: pulumi.Input<string>;

  /** Their source MAC address: that of the router's net1. */
  readonly macAddress: pulumi.Input<string>;

  /**
   * Name of the cloud in clouds.yaml.
   *
   * @default - `OS_CLOUD`, else the `OS_*` variables, else the only cloud in clouds.yaml
   */
  readonly cloud?: pulumi.Input<string>;

  /**
   * Region whose endpoints are used.
   *
   * @default - `OS_REGION_NAME` or `region_name` in clouds.yaml, else the first in the catalog
   */
  readonly region?: pulumi.Input<string>;

  /**
   * Keep the pair on destroy if it existed before this resource was created.
   *
   * @default false - an existing equal pair is adopted, and removed on destroy
   */
  readonly keepAdopted?: pulumi.Input<boolean>;

  /**
   * Write even if Neutron lacks the extension `revision-if-match`. Concurrent writers may then lose a pair.
   *
   * @default false - such a cloud is rejected
   */
  readonly allowUnguardedWrite?: pulumi.Input<boolean>;
}
