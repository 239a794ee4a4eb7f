import { networkAddress } from '../../src/domain/values/cidr';
import { count } from '../count';
import type { Router } from '../input/router';
import { identities } from '../plan/identity';
import { ANYBODY, clientLines } from './clients';
import { type Fleet, fleetOf, type RouterGroup, type ServerGroup } from './fleet';
import type { Picture, PictureNode } from './picture';
import { firstLines, visibleText } from './visible-text';

const MOST_ADDRESSES = 12;
/** Merged namespaces with more routers than this do not name each router. */
const MOST_ROUTERS = 100;
const MOST_PORTS = 8;
const MOST_NETWORKS = 3;
const MOST_CLIENTS = 4;

/** With more routers than this, MAC addresses are left out: those of standalone routers follow from their addresses. */
const MOST_WITH_MAC = 60;

/**
 * Draws many routers by namespace, with their clients and outgoing networks, and their destinations by server or
 * subnet.
 *
 * @param mostItems how many routers of a group are named; the rest is counted
 */
export function fleetPicture(routers: readonly Router[], mostItems = Number.POSITIVE_INFINITY): Picture {
  const fleet = fleetOf(routers);
  const servers = new Set(fleet.servers.flatMap(membersOf));
  const namespaces = new Set(routers.map(({ namespace }) => namespace));
  const hasMac = routers.length <= MOST_WITH_MAC;
  const size = `${count(routers.length, 'egress router')} in ${count(namespaces.size, 'namespace')}`;
  return {
    title: `${size}, ${count(servers.size, 'destination')}`,
    description: fleet.sources.map((source, index) => described(fleet, source, index)).join(' '),
    groups: [],
    nodes: [
      ...fleet.sources.map((source, index) => sourceNode(source, `s${index}`, { hasMac, mostItems })),
      ...fleet.servers.map((server, index) => serverNode(server, `d${index}`)),
    ],
    edges: fleet.leads.map(({ from, to }) => ({ from: `s${from}`, to: `d${to}` })),
  };
}

function described({ servers, leads }: Fleet, source: RouterGroup, index: number): string {
  const targets = leads.filter(({ from }) => from === index).map(({ to }) => servers[to]!.subnet);
  return `${titleOf(source)}, ${count(source.routers.length, 'router')}: ${targets.join(', ')}.`;
}

interface Detail {
  readonly hasMac: boolean;
  readonly mostItems: number;
}

function sourceNode(source: RouterGroup, id: string, { hasMac, mostItems }: Detail): PictureNode {
  const { routers, namespaces } = source;
  const isOne = namespaces.length === 1;
  const isLong = routers.length > MOST_ROUTERS && namespaces.length <= routers.length / 2;
  const items = !isOne && isLong ? namespaceItems(source) : routerItems(source, hasMac);
  const networks = [...new Set(routers.flatMap(networksOf))];
  return {
    id,
    kind: 'routers',
    caption: isOne
      ? `namespace, ${count(routers.length, 'router')}`
      : `${count(namespaces.length, 'namespace')}, ${count(routers.length, 'router')}`,
    title: titleOf(source),
    lines: [...firstLines(networks, MOST_NETWORKS), ...firstLines(clientsOf(routers), MOST_CLIENTS)],
    items: firstLines(items, mostItems),
  };
}

function routerItems({ namespaces, routers }: RouterGroup, hasMac: boolean): string[] {
  const isOne = namespaces.length === 1;
  const names = routers.map(({ name, namespace }) =>
    visibleText(isOne && namespace !== undefined ? name.slice(namespace.length + 1) : name),
  );
  return inColumns(routers.map((router, index) => [names[index]!, ...sourcesOf(router, hasMac)]));
}

function namespaceItems({ namespaces, routers }: RouterGroup): string[] {
  const numbers = new Map(namespaces.map((name) => [name, 0]));
  for (const { namespace } of routers) numbers.set(namespace, numbers.get(namespace)! + 1);
  return inColumns([...numbers].map(([name, number]) => [nameOf(name), count(number, 'router')]));
}

const nameOf = (namespace: string | undefined) => visibleText(namespace ?? 'without a namespace');

function titleOf({ namespaces }: RouterGroup): string {
  const names = namespaces.map(nameOf);
  return names.length === 1 ? names[0]! : `${names[0]} … ${names.at(-1)}`;
}

/** A router's addresses, and the MAC that they are announced with, if it is known. */
function sourcesOf(router: Router, hasMac: boolean): string[] {
  const own = identities(router);
  const mac = own[0]?.mac;
  const addresses = own.map(({ address }) => address).join(' ');
  return hasMac && mac !== undefined ? [addresses, mac] : [addresses];
}

function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join(' ')
      .trimEnd(),
  );
}

/**
 * The clients of a group's routers, as NetworkPolicies name them: `for pods app=web in namespace web (2 of 3 routers)`.
 */
function clientsOf(routers: readonly Router[]): string[] {
  const clients = new Map<string, number>();
  for (const line of routers.flatMap(clientLines)) clients.set(line, (clients.get(line) ?? 0) + 1);
  if (clients.get(ANYBODY) === routers.length) return [];
  return [...clients].map(([line, number]) => {
    const some = number === routers.length ? '' : ` (${number} of ${count(routers.length, 'router')})`;
    return `for ${visibleText(line)}${some}`;
  });
}

/** `ens4, 192.168.12.0/24` */
function networksOf({ config: { addresses, macvlan } }: Router): string[] {
  return addresses.map(
    ({ cidr }) => `${macvlan.master ?? 'default interface'}, ${networkAddress(cidr).text}/${cidr.prefixLength}`,
  );
}

/** Addresses or names. */
function membersOf({ addresses, names }: ServerGroup): string[] {
  return [...addresses.map(({ text }) => text), ...names];
}

function serverNode(server: ServerGroup, id: string): PictureNode {
  const { subnet, ports, routers } = server;
  const members = membersOf(server);
  const isOne = members.length === 1;
  const range = `${members[0]} … ${members.at(-1)}`;
  return {
    id,
    kind: 'destination',
    caption: `${isOne ? 'destination' : `${members.length} destinations`} of ${count(routers, 'router')}`,
    title: isOne ? members[0]! : subnet,
    lines: [...(isOne ? [] : members.length <= MOST_ADDRESSES ? members : [range]), ...firstLines(ports, MOST_PORTS)],
  };
}
