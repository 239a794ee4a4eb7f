import type * as pulumi from '@pulumi/pulumi';
import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';
import { readInput } from '../checked-input';

/** Arguments of `EgressPortGroup`: either `standard` or `distributed`, and the common ones. */
export interface EgressPortGroupArgs {
  /**
   * Name of the port group in vSphere, 1 to 80 characters: the network name of the nodes' second card.
   *
   * @default - the component's name
   */
  readonly portGroupName?: string;

  /**
   * VLAN of the reserved addresses' network, 1 to 4094; 0 for untagged. A trunk (4095) is rejected: in promiscuous mode
   * the nodes would see every VLAN of the switch.
   */
  readonly vlanId: pulumi.Input<number>;

  /** A port group of the same name on the standard switch of each of these ESXi hosts. */
  readonly standard?: StandardSwitch;

  /** One port group on a distributed switch. */
  readonly distributed?: DistributedSwitch;

  /**
   * Whether a guest may change the effective MAC address of its own card. A macvlan interface does not need it, but
   * OpenShift's documentation requires it.
   *
   * @default true
   * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-egress-router-about.adoc
   */
  readonly macChanges?: boolean;
}

/** Existing standard switches, one on each host. They are not changed. */
export interface StandardSwitch {
  /** Name of the switch, such as `vSwitch1`: the same on every host. */
  readonly switchName: pulumi.Input<string>;

  /**
   * The managed object id (`host-10`) of every ESXi host of the nodes, under a name of your choice. That name is part
   * of the resource's name, so it should not change. vMotion cannot move a node to a host that is missing here.
   */
  readonly hosts: Readonly<Record<string, pulumi.Input<string>>>;
}

/** An existing distributed switch. It is not changed. */
export interface DistributedSwitch {
  /** Its UUID: `id` of `vsphere.getDistributedVirtualSwitch`. */
  readonly switchUuid: pulumi.Input<string>;

  /**
   * Whether MAC learning is set on the port group outside of Pulumi (no provider supports it). Promiscuous mode, forged
   * transmits and MAC changes are then not managed: they and MAC learning would undo each other.
   *
   * @default false
   */
  readonly macLearning?: boolean;

  /**
   * The port group's description in vCenter, to explain why it is permissive.
   *
   * @default - none
   */
  readonly description?: string;
}

/** The decoded `EgressPortGroupArgs`. Futures are checked when they are known. */
export interface PortGroupArguments {
  readonly portGroupName: string;
  readonly vlanId: pulumi.Input<number>;
  readonly macChanges: boolean;
  readonly standard?: { readonly switchName: pulumi.Input<string>; readonly hosts: [string, pulumi.Input<string>][] };
  readonly distributed?: {
    readonly switchUuid: pulumi.Input<string>;
    readonly macLearning: boolean;
    readonly description?: string;
  };
}

const SWITCHES = 'standard: { switchName, hosts } or distributed: { switchUuid }, one of the two';

/**
 * Reads the arguments of a component.
 *
 * @throws an error that names every invalid field, its value and what is accepted
 */
export function readPortGroup(componentName: string, args: EgressPortGroupArgs): PortGroupArguments {
  const where = `EgressPortGroup "${componentName}"`;
  const issues: Issue[] = [];
  const root = Field.root(args, issues);
  root.isObjectOf(['portGroupName', 'vlanId', 'standard', 'distributed', 'macChanges']);
  const [standard, distributed] = [root.member('standard'), root.member('distributed')];
  if (standard.isPresent === distributed.isPresent) {
    standard.refuse(standard.isPresent ? 'is beside "distributed"' : 'is missing', SWITCHES);
  }
  const decoded = {
    portGroupName: readPortGroupName(root.member('portGroupName'), componentName),
    vlanId: readInput(root.member('vlanId'), where, readVlan),
    macChanges: root.member('macChanges').optional((field) => field.flag()) ?? true,
    standard: standard.optional((field) => readStandard(field, where)),
    distributed: distributed.optional((field) => readDistributed(field, where)),
  };
  if (decoded.distributed?.macLearning && root.member('macChanges').isPresent) {
    root.member('macChanges').refuse('would undo MAC learning', 'nothing beside distributed.macLearning');
  }
  if (issues.length > 0) throw new ConfigError(issues, where);
  return decoded as PortGroupArguments;
}

function readPortGroupName(field: Field, componentName: string): string | undefined {
  const accepted = 'a name of 1 to 80 characters';
  const name = field.isPresent ? field.text(accepted) : componentName;
  if (name === undefined || name.length <= 80) return name;
  if (field.isPresent) return field.refuse('is too long', accepted);
  return field.refuse("is missing, and the component's name is too long to be that of the port group", accepted);
}

function readVlan(field: Field): number | undefined {
  return field.integer(0, 4094, 'a VLAN ID, or 0 for untagged');
}

function readStandard(field: Field, where: string): PortGroupArguments['standard'] {
  if (!field.isObjectOf(['switchName', 'hosts'])) return undefined;
  const switchName = readInput(field.member('switchName'), where, (member) =>
    member.text('the name of a standard switch, such as "vSwitch1"'),
  );
  const hosts = readHosts(field.member('hosts'), where);
  return switchName === undefined || hosts === undefined ? undefined : { switchName, hosts };
}

function readHosts(field: Field, where: string): [string, pulumi.Input<string>][] | undefined {
  const some = 'at least one { NAME: "host-10" }';
  if (!field.isObject(some)) return undefined;
  const names = Object.keys(field.value as object);
  if (names.length === 0) return field.refuse('is empty', some);
  const accepted = 'the managed object id of an ESXi host, such as "host-10": the id of vsphere.getHost';
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const member = field.member(name);
    const id = readInput(member, where, (value) => value.text(accepted));
    const other = typeof id === 'string' ? seen.get(id) : undefined;
    if (other !== undefined) member.refuse(`is also the id of ${JSON.stringify(other)}`, 'one name for each host');
    if (typeof id === 'string') seen.set(id, name);
    return id === undefined ? [] : [[name, id]];
  });
}

function readDistributed(field: Field, where: string): PortGroupArguments['distributed'] {
  if (!field.isObjectOf(['switchUuid', 'macLearning', 'description'])) return undefined;
  const switchUuid = readInput(field.member('switchUuid'), where, readSwitchUuid);
  const macLearning = field.member('macLearning').optional((member) => member.flag()) ?? false;
  const description = field.member('description').optional((member) => member.text('a text'));
  return switchUuid === undefined ? undefined : { switchUuid, macLearning, description };
}

/**
 * vSphere writes a UUID as `50 2e 0c 4f a4 10 fa 0c-6d 9c 4b 29 4e 3d 5b 1c`. It differs from the managed object id.
 */
function readSwitchUuid(field: Field): string | undefined {
  const accepted = 'the UUID of a distributed switch: the id of vsphere.getDistributedVirtualSwitch';
  const text = field.text(accepted);
  if (text === undefined || /^[0-9a-f]{32}$/i.test(text.replaceAll(/[ -]/g, ''))) return text;
  return field.refuse(/^dvs-\d+$/.test(text) ? 'is a managed object id' : 'is not a UUID', accepted);
}
