import * as pulumi from '@pulumi/pulumi';
import { type EgressPortGroupArgs, type PortGroupArguments, readPortGroup } from './egress-port-group-args';
import { checkModule, type PortGroupResource, type VSphereModule } from './vsphere-module';

/**
 * A port group for the nodes' egress interface, on switches that exist: it lets pass the packets of pods that have MAC
 * addresses of their own. Nodes get a second network card in it, which is the parent interface of the routers.
 *
 * A group of its own, because what it allows, it allows every virtual machine in it. No switch and no existing port group is
 * changed: a port group of the same name that is there already is an error of vSphere's.
 *
 * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-egress-router-about.adoc
 */
export class EgressPortGroup<
  Host extends PortGroupResource = PortGroupResource,
  Distributed extends PortGroupResource = PortGroupResource,
> extends pulumi.ComponentResource {
  /** The port group of each ESXi host, by the host's name in the arguments; empty on a distributed switch. */
  public readonly hostPortGroups: Readonly<Record<string, Host>> = {};

  /** The port group on the distributed switch, if it is one. */
  public readonly distributedPortGroup?: Distributed;

  /** Name of the network, known once it is there on every host: what a node's network card is connected to. */
  public readonly networkName: pulumi.Output<string>;

  /**
   * @param vsphere the module `@pulumi/vsphere`
   * @param name name of the component, and of the port group unless `portGroupName` says otherwise
   * @param args which switches and which VLAN
   * @param opts options of every component; `provider` is the vSphere provider
   * @throws an error that names every field that is wrong, its value and what is accepted
   */
  public constructor(
    vsphere: VSphereModule<Host, Distributed>,
    name: string,
    args: EgressPortGroupArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const decoded = readPortGroup(name, args);
    checkModule(vsphere, decoded.standard ? 'HostPortGroup' : 'DistributedPortGroup', `EgressPortGroup "${name}"`);
    super('egress-router:vsphere:EgressPortGroup', name, {}, opts);
    const { standard, distributed } = decoded;
    if (standard !== undefined) this.hostPortGroups = this.createOnHosts(vsphere, name, decoded, standard);
    if (distributed !== undefined) {
      this.distributedPortGroup = this.createDistributed(vsphere, name, decoded, distributed);
    }
    const names = this.resources.map((resource) => resource.name);
    this.networkName = pulumi.all(names).apply(([first]) => first!);
    this.registerOutputs({ networkName: this.networkName });
  }

  private get resources(): (Host | Distributed)[] {
    const { distributedPortGroup } = this;
    return distributedPortGroup === undefined ? Object.values(this.hostPortGroups) : [distributedPortGroup];
  }

  private createOnHosts(
    vsphere: VSphereModule<Host, Distributed>,
    name: string,
    decoded: PortGroupArguments,
    { switchName, hosts }: NonNullable<PortGroupArguments['standard']>,
  ): Record<string, Host> {
    const groups = hosts.map(([host, hostSystemId]) => {
      const args = {
        name: decoded.portGroupName,
        hostSystemId,
        virtualSwitchName: switchName,
        vlanId: decoded.vlanId,
        ...securityPolicy(decoded),
      };
      return [host, new vsphere.HostPortGroup(`${name}-${host}`, args, this.childOptions)];
    });
    return Object.fromEntries(groups);
  }

  private createDistributed(
    vsphere: VSphereModule<Host, Distributed>,
    name: string,
    decoded: PortGroupArguments,
    { switchUuid, macLearning, description }: NonNullable<PortGroupArguments['distributed']>,
  ): Distributed {
    const args = {
      name: decoded.portGroupName,
      distributedVirtualSwitchUuid: switchUuid,
      vlanId: decoded.vlanId,
      // What the group says holds for each of its ports.
      securityPolicyOverrideAllowed: false,
      ...(description === undefined ? {} : { description }),
      ...(macLearning ? {} : securityPolicy(decoded)),
    };
    return new vsphere.DistributedPortGroup(name, args, this.childOptions);
  }

  /** The new group would have the old one's name, which one host or one datacenter has once. */
  private get childOptions(): pulumi.CustomResourceOptions {
    return { parent: this, deleteBeforeReplace: true };
  }
}

/**
 * All three, always: the provider's default for one that is left out has changed between releases, and on a distributed switch
 * it is whatever the switch says.
 */
function securityPolicy({ macChanges }: PortGroupArguments) {
  return { allowPromiscuous: true, allowForgedTransmits: true, allowMacChanges: macChanges };
}
