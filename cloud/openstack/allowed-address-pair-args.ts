import type * as pulumi from '@pulumi/pulumi';

/** One address pair on one port, and the cloud that the port is in. */
export interface AllowedAddressPairArgs {
  /** UUID of the port. It belongs to somebody else: only this one pair of its list is managed. */
  readonly portId: pulumi.Input<string>;

  /** The address that packets of the pair come from: `192.168.12.99`, `2001:db8::99`, or a subnet in CIDR notation. */
  readonly ipAddress: pulumi.Input<string>;

  /** The MAC address that they come from: that of the router's net1. */
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
   * Leave the pair in place on destroy when it was there before this resource was made.
   *
   * @default false - a pair that equals this one is this one, and destroy takes it out
   */
  readonly keepAdopted?: pulumi.Input<boolean>;

  /**
   * Write even where Neutron lacks the extension `revision-if-match`. Two writers at the same moment may then lose a pair.
   *
   * @default false - such a cloud is refused
   */
  readonly allowUnguardedWrite?: pulumi.Input<boolean>;
}
