import * as pulumi from '@pulumi/pulumi';
import { type EgressPortGroupArgs, type PortGroupArguments, readPortGroup } from './egress-port-group-args';
import { checkModule, type PortGroupResource, type VSphereModule } from './vsphere-module';

/**
 * A port group for the nodes' egress interface, on existing switches: it passes packets with the pods' own MAC
 * addresses. Nodes get a second network card in it, which is the parent interface of the routers.
 *
 * It is a separate group, because it is permissive for every virtual machine in it. Switches and existing port groups
 * are not changed: vSphere reports an error for an existing port group of the same name.
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

  /** Name of the network for a node's network card, known once it exists on every host. */
  public readonly networkName: pulumi.Output<string>;

  /**
   * @param vsphere the module `@pulumi/vsphere`
   * @param name name of the component, and of the port group unless `portGroupName` is given
   * @param args the switches and the VLAN
   * @param opts options of every component; `provider` is the vSphere provider
   * @throws an error that names every invalid field, its value and what is accepted
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
      // The group's settings apply to each of its ports.
      securityPolicyOverrideAllowed: false,
      ...(description === undefined ? {} : { description }),
      ...(macLearning ? {} : securityPolicy(decoded)),
    };
    return new vsphere.DistributedPortGroup(name, args, this.childOptions);
  }

  /** Delete first: the new group has the old one's name, which must be unique in a host or datacenter. */
  private get childOptions(): pulumi.CustomResourceOptions {
    return { parent: this, deleteBeforeReplace: true };
  }
}

/**
 * Sets all three: the provider's default of an omitted one has changed between releases, and on a distributed switch it
 * is inherited from the switch.
 */
function securityPolicy({ macChanges }: PortGroupArguments) {
  return { allowPromiscuous: true, allowForgedTransmits: true, allowMacChanges: macChanges };
}
