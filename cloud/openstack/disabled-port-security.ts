import * as pulumi from '@pulumi/pulumi';
import type { DisabledPortSecurityArgs } from './disabled-port-security-args';
import { PORT_SECURITY_INPUTS } from './port-security-inputs';
import { PORT_SECURITY_PROVIDER_CODE, PORT_SECURITY_PROVIDER_TYPE } from './provider-code';
import { readArguments } from './resource-arguments';

/**
 * Switches port security off on one Neutron port that others own, as long as the resource exists: the way for routers
 * on ML2/OVN, which does not deliver the MAC address of an address pair to the node of the router.
 *
 * The port's security groups are taken off, and restored on destroy: the port itself carries their ids as tags. The
 * port must be that of a network card which only routers use.
 *
 * Credentials are read from clouds.yaml and the `OS_*` variables for each request. They are never stored in inputs or
 * state.
 */
export class DisabledPortSecurity extends pulumi.CustomResource {
  /** UUID of the port. */
  public readonly portId!: pulumi.Output<string>;

  /** Whether port security was off before, without this package: destroy then leaves it off. */
  public readonly adopted!: pulumi.Output<boolean>;

  /** UUIDs of the security groups that were taken off the port, and that destroy restores. */
  public readonly securityGroups!: pulumi.Output<string[]>;

  /**
   * @param name name of the resource
   * @param args the port
   * @param opts options of every resource except `import`: a port without port security is adopted
   * @throws an error that names every invalid argument, its value and what is accepted, or the resource that has the
   * port
   */
  public constructor(name: string, args: DisabledPortSecurityArgs, opts?: pulumi.CustomResourceOptions) {
    const where = `DisabledPortSecurity "${name}"`;
    const inputs = readArguments(where, args, opts, {
      readers: PORT_SECURITY_INPUTS,
      identity: ['portId'],
      kind: 'port',
      insteadOfImport: 'a port without port security is adopted',
    });
    const outputs = { adopted: undefined, securityGroups: undefined };
    super(PORT_SECURITY_PROVIDER_TYPE, name, { ...inputs, ...outputs, __provider: PORT_SECURITY_PROVIDER_CODE }, opts);
  }
}
