import { resolvedHosts } from '../../src/domain/router/name-resolver';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { Router } from '../input/router';
import { compareAddresses, GRAINS, type Grain, subnetOf } from './destination-groups';

/** Routers that are drawn as one box: those of a namespace, or of namespaces that lead to the same subnets. */
export interface RouterGroup {
  /** Absent for routers without one. */
  readonly namespaces: readonly (string | undefined)[];
  readonly routers: readonly Router[];
}

/** Servers that are drawn as one box. */
export interface ServerGroup {
  readonly subnet: string;
  /** None of servers that DNS resolves. */
  readonly addresses: readonly IpAddress[];
  /** Names of servers that DNS resolves. */
  readonly names: readonly string[];
  /** Target ports, `443 TCP`, in the order of their numbers; `any port` for a fallback. */
  readonly ports: readonly string[];
  /** How many routers lead there. */
  readonly routers: number;
}

/** Some routers of a group lead to a group of servers; both are indices. */
export interface Lead {
  readonly from: number;
  readonly to: number;
}

/** A fleet of routers, grouped until the picture is readable. */
export interface Fleet {
  readonly sources: readonly RouterGroup[];
  readonly servers: readonly ServerGroup[];
  readonly leads: readonly Lead[];
}

/** With more boxes on a side, or more arrows, the picture is no longer readable. */
const MOST_SOURCES = 30;
const MOST_SERVERS = 12;
const MOST_LEADS = 120;

/** Natural order: team9 before team10. */
const BY_NUMBERS = new Intl.Collator('en', { numeric: true });

/**
 * Groups by namespace and server; if that is too much for one picture, by larger subnets and by namespaces'
 * destinations.
 */
export function fleetOf(routers: readonly Router[]): Fleet {
  const namespaces = namespaceGroups([...routers].sort((a, b) => BY_NUMBERS.compare(a.name, b.name)));
  const [finest, ...coarser] = GRAINS;
  let fleet = groupedBy(finest, namespaces);
  for (const grain of coarser) {
    if (isReadable(fleet)) break;
    fleet = groupedBy(grain, namespaces);
  }
  return fleet;
}

function isReadable({ sources, servers, leads }: Fleet): boolean {
  return sources.length <= MOST_SOURCES && servers.length <= MOST_SERVERS && leads.length <= MOST_LEADS;
}

function groupedBy(grain: Grain, namespaces: readonly RouterGroup[]): Fleet {
  const fleet = connected(namespaces, grain);
  return namespaces.length <= MOST_SOURCES ? fleet : connected(sameLeads(fleet), grain);
}

function namespaceGroups(routers: readonly Router[]): RouterGroup[] {
  const namespaces = new Map<string | undefined, Router[]>();
  for (const router of routers) {
    const known = namespaces.get(router.namespace);
    if (known === undefined) namespaces.set(router.namespace, [router]);
    else known.push(router);
  }
  return [...namespaces].map(([namespace, own]) => ({ namespaces: [namespace], routers: own }));
}

/** Merges groups that lead to the same servers. */
function sameLeads({ sources, leads }: Fleet): RouterGroup[] {
  const targets = sources.map((): number[] => []);
  for (const { from, to } of leads) targets[from]!.push(to);
  const merged = new Map<string, { readonly namespaces: (string | undefined)[]; readonly routers: Router[] }>();
  for (const [index, { namespaces, routers }] of sources.entries()) {
    const key = targets[index]!.join(' ');
    const group = merged.get(key) ?? { namespaces: [], routers: [] };
    group.namespaces.push(...namespaces);
    group.routers.push(...routers);
    merged.set(key, group);
  }
  return [...merged.values()];
}

interface Servers {
  readonly addresses: Map<string, IpAddress>;
  readonly names: Set<string>;
  readonly ports: Map<string, number>;
  /** Groups of routers that lead here. */
  readonly sources: Set<number>;
  readonly routers: Set<Router>;
}

function connected(sources: readonly RouterGroup[], grain: Grain): Fleet {
  const found = new Map<string, Servers>();
  for (const [index, { routers }] of sources.entries()) {
    for (const router of routers) addServers(found, router, index, grain);
  }
  const groups = [...found].map(([subnet, { addresses, names, ports, routers, sources }]) => ({
    subnet,
    sources,
    names: [...names].sort(),
    addresses: [...addresses.values()].sort(compareAddresses),
    ports: [...ports].sort(([, a], [, b]) => a - b).map(([text]) => text),
    routers: routers.size,
  }));
  groups.sort(compareGroups);
  const leads = groups.flatMap(({ sources: own }, to) => [...own].map((from) => ({ from, to })));
  leads.sort((a, b) => a.from - b.from || a.to - b.to);
  return { sources, servers: groups, leads };
}

function addServers(found: Map<string, Servers>, router: Router, source: number, grain: Grain): void {
  const serversOf = (subnet: string, port: string, order: number): Servers => {
    const servers = found.get(subnet) ?? noServers();
    found.set(subnet, servers);
    servers.ports.set(port, order);
    servers.sources.add(source);
    servers.routers.add(router);
    return servers;
  };
  const add = (address: IpAddress, port: string, order: number) => {
    serversOf(subnetOf(address, grain), port, order).addresses.set(address.text, address);
  };
  const { rules, fallbacks } = router.config;
  for (const { destination, targetPort, protocol } of rules) add(destination, `${targetPort} ${protocol}`, targetPort);
  for (const { name, ports } of resolvedHosts(router.config)) {
    // Names have no subnets: they are drawn one by one, or all as one.
    const box = grain === GRAINS[0] ? name : 'names';
    for (const { port, protocol } of ports) serversOf(box, `${port} ${protocol}`, port).names.add(name);
  }
  for (const address of fallbacks) add(address, 'any port', Number.POSITIVE_INFINITY);
}

function noServers(): Servers {
  return { addresses: new Map(), names: new Set(), ports: new Map(), sources: new Set(), routers: new Set() };
}

/** Those with addresses first. */
function compareGroups(a: Pick<ServerGroup, 'addresses' | 'names'>, b: typeof a): number {
  const [one, other] = [a.addresses[0], b.addresses[0]];
  if (one !== undefined && other !== undefined) return compareAddresses(one, other);
  if (one !== undefined || other !== undefined) return one === undefined ? 1 : -1;
  return a.names[0]! < b.names[0]! ? -1 : 1;
}
