/**
 * Stands in for `@pulumi/vsphere`, which this project's registry does not have: its resource classes and look-ups, as
 * far as the project and its examples use them, with the tokens, properties and required properties of the generated
 * SDK.
 *
 * @see https://github.com/pulumi/pulumi-vsphere/tree/master/sdk/nodejs
 */
import * as pulumi from '@pulumi/pulumi';

const VERSION = '4.0.0';

interface PolicyArgs {
  allowForgedTransmits?: pulumi.Input<boolean | undefined>;
  allowMacChanges?: pulumi.Input<boolean | undefined>;
  allowPromiscuous?: pulumi.Input<boolean | undefined>;
  name?: pulumi.Input<string | undefined>;
  vlanId?: pulumi.Input<number | undefined>;
}

export interface HostPortGroupArgs extends PolicyArgs {
  hostSystemId: pulumi.Input<string>;
  virtualSwitchName: pulumi.Input<string>;
}

export interface DistributedPortGroupArgs extends PolicyArgs {
  distributedVirtualSwitchUuid: pulumi.Input<string>;
  description?: pulumi.Input<string | undefined>;
  securityPolicyOverrideAllowed?: pulumi.Input<boolean | undefined>;
}

const POLICY = ['allowForgedTransmits', 'allowMacChanges', 'allowPromiscuous', 'name', 'vlanId'];

export class HostPortGroup extends pulumi.CustomResource {
  declare public readonly name: pulumi.Output<string>;
  declare public readonly hostSystemId: pulumi.Output<string>;

  public constructor(name: string, args: HostPortGroupArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = pick(args, ['hostSystemId', 'virtualSwitchName'], POLICY);
    super('vsphere:index/hostPortGroup:HostPortGroup', name, inputs, withVersion(opts));
  }
}

export class DistributedPortGroup extends pulumi.CustomResource {
  declare public readonly name: pulumi.Output<string>;
  declare public readonly distributedVirtualSwitchUuid: pulumi.Output<string>;

  public constructor(name: string, args: DistributedPortGroupArgs, opts?: pulumi.CustomResourceOptions) {
    const others = ['description', 'securityPolicyOverrideAllowed', ...POLICY];
    const inputs = pick(args, ['distributedVirtualSwitchUuid'], others);
    super('vsphere:index/distributedPortGroup:DistributedPortGroup', name, inputs, withVersion(opts));
  }
}

export function getDatacenterOutput(args: { name?: pulumi.Input<string | undefined> } = {}) {
  return lookUp('vsphere:index/getDatacenter:getDatacenter', args);
}

export function getHostOutput(args: { datacenterId: pulumi.Input<string>; name?: pulumi.Input<string | undefined> }) {
  return lookUp('vsphere:index/getHost:getHost', args);
}

export function getDistributedVirtualSwitchOutput(args: {
  datacenterId?: pulumi.Input<string | undefined>;
  name: pulumi.Input<string>;
}) {
  return lookUp('vsphere:index/getDistributedVirtualSwitch:getDistributedVirtualSwitch', args);
}

function lookUp(token: string, args: object): pulumi.Output<{ readonly id: string }> {
  return pulumi.runtime.invokeOutput(token, args as pulumi.Inputs, { version: VERSION });
}

/** The generated classes pass on the properties that they know, and nothing else. */
function pick(args: object, required: readonly string[], optional: readonly string[]): pulumi.Inputs {
  const given = args as pulumi.Inputs;
  const missing = required.find((key) => given[key] === undefined);
  if (missing !== undefined) throw new Error(`Missing required property '${missing}'`);
  return Object.fromEntries([...required, ...optional].map((key) => [key, given[key]]));
}

function withVersion(opts: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions({ version: VERSION }, opts);
}
