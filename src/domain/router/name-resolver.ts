import { repeats, withoutUndefined } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { serverRefusal } from '../names/server-refusal';
import { type Cidr, contains, subnetRole } from '../values/cidr';
import { type Family, familyName, hostOnly, type IpAddress, readIpAddress } from '../values/ip-address';
import { checkAllowedCidrs, type Host } from './host';
import type { ReservedAddress } from './reserved-address';
import { readOwnCidr } from './subnet';

/** Which address of the pod asks DNS servers: the reserved one by net1, or the pod's own on the cluster network. */
export const RESOLVER_SOURCES = ['pod', 'reserved'] as const;
export type ResolverSource = (typeof RESOLVER_SOURCES)[number];

/** How the pod's process resolves the names of hosts without addresses. */
export interface NameResolver {
  /** Absent: those of the node, from the pod's /etc/resolv.conf. */
  readonly servers?: readonly IpAddress[];
  readonly source: ResolverSource;
  /** The cluster's networks of pods and Services: an answer there would lead a name back to the router's Service. */
  readonly clusterCidrs: readonly Cidr[];
  /** Whether the router is unready as long as a host has no address. */
  readonly unresolvedIsUnready: boolean;
}

/** A resolver with the fields of its servers. */
export interface LocatedResolver extends Located<NameResolver> {
  readonly servers: readonly Located<IpAddress>[];
}

/** Resolvers ask one server after the other: with more, the last one's answer would come too late. */
const MOST_SERVERS = 8;

export const RESOLVER_KEYS = ['servers', 'source', 'clusterCidrs', 'unresolvedIsUnready'];
const SERVER = 'the IP address of a DNS server outside the cluster, such as "192.168.12.53"';
const SERVERS = 'a list of the IP addresses of DNS servers, such as ["192.168.12.53"]';
const NETWORK = 'a network with its prefix length, such as "10.96.0.0/12"';

/**
 * Reads `ip.resolver` of the plugin's configuration.
 *
 * @param cluster the cluster's networks, where the resolver itself does not say them
 */
export function readNameResolver(field: Field, cluster?: readonly Cidr[]): LocatedResolver | undefined {
  if (!field.isObjectOf(RESOLVER_KEYS.filter((key) => cluster === undefined || key !== 'clusterCidrs')))
    return undefined;
  const list = field.member('servers');
  const servers = list.isPresent ? readServers(list) : undefined;
  const sourceField = field.member('source');
  const source = sourceField.optional((member) => member.word(RESOLVER_SOURCES)) ?? 'pod';
  if (source === 'reserved' && !list.isPresent)
    list.refuse("is missing, and the node's DNS servers are asked from the pod's own address", SERVERS);
  const clusterCidrs = cluster ?? readClusterCidrs(field.member('clusterCidrs'));
  const unresolvedIsUnready = field.member('unresolvedIsUnready').optional((member) => member.flag()) ?? false;
  const value = withoutUndefined({
    servers: servers?.map((server) => server.value),
    source,
    clusterCidrs,
    unresolvedIsUnready,
  });
  return { value, field, servers: servers ?? [] };
}

function readClusterCidrs(list: Field): Cidr[] {
  return list
    .someElements("a list of the cluster's networks of pods and Services")
    .flatMap((member) => readOwnCidr(member, 'network', NETWORK) ?? []);
}

/** Reads DNS servers: addresses of hosts, each once. */
function readServers(list: Field): Located<IpAddress>[] {
  const fields = list.someElements(SERVERS);
  if (fields.length > MOST_SERVERS)
    list.refuse(`has ${fields.length} servers, which are asked one after the other`, `at most ${MOST_SERVERS}`);
  const servers = fields.flatMap((field) => {
    const address = readIpAddress(field, SERVER);
    const value = address && hostOnly(field, address, SERVER);
    return value === undefined ? [] : [{ value, field }];
  });
  for (const [second, first] of repeats(servers, ({ value }) => value.text))
    second.field.refuse(`is ${first.field.path} already`, 'each server once');
  return servers;
}

/**
 * Checks servers, and the networks that names may lead to, against the router's addresses and the cluster's networks.
 */
export function checkNames(
  { servers, value: resolver }: LocatedResolver,
  allowed: readonly Located<Cidr>[],
  addresses: readonly Located<ReservedAddress>[],
): void {
  const reserved = addresses.map(({ value }) => value);
  checkServers(servers, resolver, reserved);
  const families = reserved.map(({ cidr }) => cidr.address.family);
  checkAllowedCidrs(allowed, families, resolver.clusterCidrs);
}

/** Refuses servers of the cluster, and those that the router cannot ask from the address that asks. */
function checkServers(
  servers: readonly Located<IpAddress>[],
  { source, clusterCidrs }: Pick<NameResolver, 'source' | 'clusterCidrs'>,
  addresses: readonly ReservedAddress[],
): void {
  for (const { value, field } of servers) {
    const problem = serverRefusal(value, clusterCidrs) ?? whyNotAsked(value, source, addresses);
    if (problem !== undefined) field.refuse(problem, SERVER);
  }
}

function whyNotAsked(
  server: IpAddress,
  source: ResolverSource,
  addresses: readonly ReservedAddress[],
): string | undefined {
  if (addresses.some(({ cidr }) => cidr.address.text === server.text)) return 'is the reserved address itself';
  if (source === 'pod') return undefined;
  const from = addresses.find(({ cidr }) => cidr.address.family === server.family);
  const family = familyName(server.family);
  if (from === undefined) return `is an ${family} address, and no ${family} address is reserved to ask from`;
  const role = subnetRole(from.cidr, server);
  if (role !== undefined) return `is the ${role} address of ${from.cidr.text}`;
  const isReached = from.gateway !== undefined || contains(from.cidr, server);
  return isReached ? undefined : `is outside the subnet of ${from.cidr.text}, and there is no gateway`;
}

/** Whether DNS says the addresses of a host. */
export function isResolved({ addresses }: Host, resolver: NameResolver | undefined): boolean {
  return resolver !== undefined && addresses.length === 0;
}

/** The hosts whose addresses DNS says. */
export function resolvedHosts<H extends Host>({
  hosts,
  resolver,
}: {
  readonly hosts: readonly H[];
  readonly resolver?: NameResolver;
}): readonly H[] {
  return hosts.filter((host) => isResolved(host, resolver));
}

/** ` within 198.51.100.0/24`: where a host's name may lead; nothing where that is not bounded. */
export function withinText({ allowedCidrs }: Host): string {
  return allowedCidrs === undefined ? '' : ` within ${allowedCidrs.map(({ text }) => text).join(', ')}`;
}

/** The families whose addresses are asked for: those of the router, as far as the host's networks allow. */
export function familiesOf({ allowedCidrs }: Host, addresses: readonly ReservedAddress[]): Family[] {
  const own = addresses.map(({ cidr }) => cidr.address.family);
  return own.filter(
    (family) => allowedCidrs === undefined || allowedCidrs.some(({ address }) => address.family === family),
  );
}

/** The value of `ip.resolver`. */
export function encodeNameResolver({ servers, source, clusterCidrs, unresolvedIsUnready }: NameResolver): object {
  return withoutUndefined({
    servers: servers?.map(({ text }) => text),
    source,
    clusterCidrs: clusterCidrs.map(({ text }) => text),
    unresolvedIsUnready: unresolvedIsUnready ? true : undefined,
  });
}
