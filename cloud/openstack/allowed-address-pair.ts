import * as pulumi from '@pulumi/pulumi';
import type { AllowedAddressPairArgs } from './allowed-address-pair-args';
import { PAIR_IDENTITY, PAIR_INPUTS } from './pair-inputs';
import { PROVIDER_CODE, PROVIDER_TYPE } from './provider-code';
import { readArguments } from './resource-arguments';

/**
 * One allowed address pair on one Neutron port that others own: an installer, the Machine API, Nova. The port's other
 * pairs are never changed, such as those of a cluster's API and ingress addresses.
 *
 * If the stack owns the port, use `openstack.networking.Port` with `allowedAddressPairs()` of this package instead.
 *
 * Credentials are read from clouds.yaml and the `OS_*` variables for each request. They are never stored in inputs or
 * state.
 */
export class AllowedAddressPair extends pulumi.CustomResource {
  /** UUID of the port. */
  public readonly portId!: pulumi.Output<string>;

  /** The address, in canonical text. */
  public readonly ipAddress!: pulumi.Output<string>;

  /** The MAC address, in lower case. */
  public readonly macAddress!: pulumi.Output<string>;

  /** Whether the pair existed before this resource was created. */
  public readonly adopted!: pulumi.Output<boolean>;

  /**
   * @param name name of the resource
   * @param args the pair and its port
   * @param opts options of every resource except `import`: an existing pair is adopted
   * @throws an error that names every invalid argument, its value and what is accepted, or the resource that has the
   * pair
   */
  public constructor(name: string, args: AllowedAddressPairArgs, opts?: pulumi.CustomResourceOptions) {
    const where = `AllowedAddressPair "${name}"`;
    const inputs = readArguments(where, args, opts, {
      readers: PAIR_INPUTS,
      identity: PAIR_IDENTITY,
      kind: 'pair',
      insteadOfImport: 'an existing pair is adopted',
    });
    super(PROVIDER_TYPE, name, { ...inputs, adopted: undefined, __provider: PROVIDER_CODE }, opts);
  }
}
