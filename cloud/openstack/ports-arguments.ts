import type * as pulumi from '@pulumi/pulumi';
import { repeats, withoutUndefined } from '../../src/domain/input/collections';
import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';
import { hostOnly, readIpAddress } from '../../src/domain/values/ip-address';
import { readInput } from '../checked-input';
import type { EgressRouterPortsArgs, NodeByAddress, NodeByServer } from './egress-router-ports-args';
import { readUuid } from './pair-inputs';
import { checkPairLimit, DEFAULT_PAIR_LIMIT, type RouterPair, readPairLimit, readRouters } from './router-pairs';

/** A node with the path of its argument, and the name of its resources. */
export type NodeArgument = KnownPort | NodeToLookUp;

interface Named {
  readonly path: string;
  readonly name: string;
  /** The name of its resources without a `name`: alias of those with one, so that adding a name renames nothing. */
  readonly alias?: string;
}

export interface KnownPort extends Named {
  readonly portId: pulumi.Input<string>;
}

export interface NodeToLookUp extends Named {
  readonly lookUp: NodeByServer | NodeByAddress;
}

/** The decoded arguments of `EgressRouterPorts`. */
export interface PortsArguments {
  /** Names the component, for messages. */
  readonly where: string;
  readonly routers: readonly (readonly RouterPair[])[];
  readonly nodes: readonly NodeArgument[];
  readonly reservation?: {
    readonly networkId: pulumi.Input<string>;
    readonly subnetIds: { readonly 4?: pulumi.Input<string>; readonly 6?: pulumi.Input<string> };
  };
  readonly disablePortSecurity: boolean;
  /** The inputs that all resources share. */
  readonly connection: {
    readonly cloud?: string;
    readonly region?: string;
    readonly allowUnguardedWrite?: boolean;
  };
  readonly pairOptions: { readonly keepAdopted?: boolean };
}

const KEYS = [
  'routers',
  'nodes',
  'disablePortSecurity',
  'reservation',
  'pairLimit',
  'cloud',
  'region',
  'keepAdopted',
  'allowUnguardedWrite',
] as const satisfies readonly (keyof EgressRouterPortsArgs)[];

const NODE = '{ portId }, { server } or { ip }';

/** Reads the arguments. @throws an error that names every invalid one, its value and what is accepted */
export function readPorts(componentName: string, args: EgressRouterPortsArgs): PortsArguments {
  const where = `EgressRouterPorts "${componentName}"`;
  const issues: Issue[] = [];
  const root = Field.root(args, issues);
  root.isObjectOf(KEYS);
  const routers = readRouters(root.member('routers'));
  const nodes = readNodes(root.member('nodes'), where);
  const disablePortSecurity = root.member('disablePortSecurity').optional((field) => field.flag()) ?? false;
  if (disablePortSecurity) refusePairOptions(root);
  else readPairOptions(root, routers.flat().length);
  const families = new Set(routers.flat().map(({ family }) => family));
  const decoded = {
    where,
    routers,
    nodes,
    reservation: root.member('reservation').optional((field) => readReservation(field, families, where)),
    disablePortSecurity,
    connection: withoutUndefined({
      cloud: root.member('cloud').given((field) => field.text('the name of a cloud in clouds.yaml')),
      region: root.member('region').given((field) => field.text('the name of a region')),
      allowUnguardedWrite: root.member('allowUnguardedWrite').optional((field) => field.flag()),
    }),
    pairOptions: withoutUndefined({
      keepAdopted: disablePortSecurity ? undefined : root.member('keepAdopted').optional((field) => field.flag()),
    }),
  };
  if (issues.length > 0) throw new ConfigError(issues, where);
  return decoded;
}

function readPairOptions(root: Field, pairs: number): void {
  const limit = root.member('pairLimit').optional(readPairLimit);
  checkPairLimit(root.member('routers'), pairs, limit ?? DEFAULT_PAIR_LIMIT);
}

/** Without pairs, their options would be ignored. */
function refusePairOptions(root: Field): void {
  for (const key of ['pairLimit', 'keepAdopted']) {
    root
      .member(key)
      .given((field) => field.refuse('is about address pairs, which disablePortSecurity replaces', `no ${key}`));
  }
}

function readNodes(list: Field, where: string): NodeArgument[] {
  const located = list.someElements(`a list of ${NODE}`).flatMap((field) => {
    const node = readNode(field, where);
    return node === undefined ? [] : [{ node, field }];
  });
  for (const [repeat, first] of repeats(located, ({ node }) => node.name)) {
    repeat.field.refuse(`is the same node as ${first.field.path}, or has the same name`, 'each node once');
  }
  const known = located.filter(({ node }) => 'portId' in node && typeof node.portId === 'string');
  for (const [repeat, first] of repeats(known, ({ node }) => (node as KnownPort).portId)) {
    if (repeat.node.name === first.node.name) continue; // reported above
    repeat.field.member('portId').refuse(`is the port of ${first.field.path} too`, 'each port once');
  }
  return located.map(({ node }) => node);
}

function readNode(field: Field, where: string): NodeArgument | undefined {
  if (!field.isObject(NODE)) return undefined;
  const kinds = ['portId', 'server', 'ip'].filter((key) => field.member(key).isPresent);
  if (kinds.length !== 1) {
    return field.refuse(kinds.length === 0 ? 'does not identify a node' : `says ${kinds.join(' and ')}`, NODE);
  }
  return kinds[0] === 'portId' ? readNodeByPort(field, where) : readNodeToLookUp(field, kinds[0] as 'server' | 'ip');
}

/** Resources are named after the node, not its index, so that removing one keeps those of other nodes. */
function readNodeByPort(field: Field, where: string): NodeArgument | undefined {
  field.isObjectOf(['portId', 'name']);
  const portId = readInput(field.member('portId'), where, (member) => readUuid(member, "the id of the node's port"));
  const nameField = field.member('name');
  const name = nameField.given((member) => member.text('a name for the node')) ?? portId;
  if (name === undefined || portId === undefined) return undefined;
  if (typeof name === 'string') {
    const alias = typeof portId === 'string' && portId !== name ? portId : undefined;
    return { path: field.path, name, portId, alias };
  }
  return nameField.refuse(
    'is missing',
    "a name for the node: resource names must be known before the deployment, and the port's id is not",
  );
}

function readNodeToLookUp(field: Field, kind: 'server' | 'ip'): NodeArgument | undefined {
  field.isObjectOf([kind, 'networkId']);
  const networkId = field.member('networkId').given((member) => readUuid(member, 'the id of a network'));
  const member = field.member(kind);
  if (kind === 'server') {
    const server = member.text('the name of a server');
    return server === undefined ? undefined : { path: field.path, name: server, lookUp: { server, networkId } };
  }
  const accepted = 'an IP address of the node, such as "192.168.12.11"';
  const address = readIpAddress(member, accepted);
  const ip = address && hostOnly(member, address, accepted)?.text;
  return ip === undefined ? undefined : { path: field.path, name: ip, lookUp: { ip, networkId } };
}

function readReservation(field: Field, families: ReadonlySet<4 | 6>, where: string): PortsArguments['reservation'] {
  if (!field.isObjectOf(['networkId', 'subnetIds'])) return undefined;
  const networkId = readInput(field.member('networkId'), where, (member) => readUuid(member, 'the id of a network'));
  const subnets = field.member('subnetIds');
  subnets.optional((member) => member.isObjectOf(['ipv4', 'ipv6']));
  const subnetOf = (family: 4 | 6) =>
    families.has(family)
      ? readInput(subnets.member(`ipv${family}`), where, (member) =>
          readUuid(member, `the id of the IPv${family} subnet`),
        )
      : undefined;
  const subnetIds = withoutUndefined({ 4: subnetOf(4), 6: subnetOf(6) });
  return networkId === undefined ? undefined : { networkId, subnetIds };
}
