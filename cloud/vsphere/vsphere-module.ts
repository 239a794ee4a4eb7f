import type * as pulumi from '@pulumi/pulumi';
import { ConfigError } from '../../src/domain/input/issue';

/**
 * The common arguments of both resources of `@pulumi/vsphere`. The three settings are required: their defaults differ.
 */
interface SecurityArgs {
  allowPromiscuous?: boolean;
  allowForgedTransmits?: boolean;
  allowMacChanges?: boolean;
}

/** The part of `vsphere.HostPortGroupArgs` that is used here. */
export interface HostPortGroupArgs extends SecurityArgs {
  name: pulumi.Input<string>;
  hostSystemId: pulumi.Input<string>;
  virtualSwitchName: pulumi.Input<string>;
  vlanId: pulumi.Input<number>;
}

/** The part of `vsphere.DistributedPortGroupArgs` that is used here. */
export interface DistributedPortGroupArgs extends SecurityArgs {
  name: pulumi.Input<string>;
  distributedVirtualSwitchUuid: pulumi.Input<string>;
  vlanId: pulumi.Input<number>;
  securityPolicyOverrideAllowed: boolean;
  description?: string;
}

/** A port group of either kind. */
export interface PortGroupResource extends pulumi.CustomResource {
  readonly name: pulumi.Output<string>;
}

type ResourceClass<Args, Resource> = new (name: string, args: Args, opts?: pulumi.CustomResourceOptions) => Resource;

/**
 * The part of `@pulumi/vsphere` that is used here: pass `import * as vsphere from '@pulumi/vsphere'`. It is a parameter
 * and not an import, because not every registry has it; so the program's own version is used, and the resources have
 * its types.
 */
export interface VSphereModule<
  Host extends PortGroupResource = PortGroupResource,
  Distributed extends PortGroupResource = PortGroupResource,
> {
  readonly HostPortGroup: ResourceClass<HostPortGroupArgs, Host>;
  readonly DistributedPortGroup: ResourceClass<DistributedPortGroupArgs, Distributed>;
}

/**
 * Checks the module: a default import, for example, has no classes.
 *
 * @throws an error that names the given value, and the correct import
 */
export function checkModule(vsphere: unknown, needed: keyof VSphereModule, where: string): void {
  const isHolder = typeof vsphere === 'object' && vsphere !== null;
  if (isHolder && typeof (vsphere as Record<string, unknown>)[needed] === 'function') return;
  const value = isHolder ? Object.keys(vsphere) : (vsphere ?? undefined);
  const accepted = "the module @pulumi/vsphere: import * as vsphere from '@pulumi/vsphere'";
  throw new ConfigError([{ path: 'vsphere', value, problem: `has no class ${needed}`, accepted }], where);
}
