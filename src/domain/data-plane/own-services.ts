import type { NameResolver } from '../router/name-resolver';
import type { NetworkConfig } from '../router/network-config';
import type { ReservedAddress } from '../router/reserved-address';
import type { Family, IpAddress } from '../values/ip-address';
import { type MarkedRule, type MarkedRules, singleRules } from './marked-rules';
import type { NftService, NftServiceSet } from './nft-table';
import type { RuleChanges } from './rule-changes';

/** "discard": the port of the datagrams that make the kernel ask for a neighbour. A server there does not answer. */
export const NEIGHBOUR_PORT = 9;

export const DNS_PORT = 53;

/** Name of the set of services that the pod itself may reach by net1. */
export const ownSet = (family: Family) => `own${family}`;

/**
 * The services that processes of the pod may reach from the reserved address: what the configuration names, and nothing
 * else. These are the destinations of the rules, and the question whether the gateway answers; without a gateway, the
 * same question to each destination, which is on the link. DNS servers are among them where the reserved address asks
 * them.
 */
export function ownServices(
  reserved: ReservedAddress,
  marked: Pick<MarkedRules, 'rules' | 'spreads'>,
  resolver?: NameResolver,
): NftServiceSet {
  return serviceSet(reserved, servicesOf(reserved, singleRules(marked), resolver));
}

/** The change of those sets. Several rules may have one destination: it is deleted with the last of them. */
export function ownServiceChanges(
  { addresses, resolver }: Pick<NetworkConfig, 'addresses' | 'resolver'>,
  { after, removed, added }: RuleChanges,
): { readonly remove: readonly NftServiceSet[]; readonly add: readonly NftServiceSet[] } {
  const [gone, come, left] = [removed, added, after].map(singleRules);
  const some = ({ elements }: NftServiceSet) => elements.length > 0;
  return {
    remove: addresses.map((reserved) => lastOnes(reserved, gone!, left!, resolver)).filter(some),
    // The kernel accepts an element that exists already.
    add: addresses.map((reserved) => serviceSet(reserved, servicesOfRules(reserved, come!))).filter(some),
  };
}

/** Services of removed rules that no other rule has. */
function lastOnes(
  reserved: ReservedAddress,
  removed: readonly MarkedRule[],
  after: readonly MarkedRule[],
  resolver: NameResolver | undefined,
): NftServiceSet {
  const { elements, ...set } = serviceSet(reserved, servicesOfRules(reserved, removed));
  if (elements.length === 0) return { ...set, elements };
  const last = new Map(elements.map((service) => [keyOf(service), service]));
  // Ten thousand rules may remain: only those of the same hosts are looked at.
  const hosts = new Set(elements.map(({ address }) => address.text));
  const remaining = after.filter(({ rule }) => hosts.has(rule.destination.text));
  for (const service of servicesOf(reserved, remaining, resolver)) last.delete(keyOf(service));
  return { ...set, elements: [...last.values()] };
}

function serviceSet({ cidr: { address } }: ReservedAddress, services: Iterable<NftService>): NftServiceSet {
  const { family } = address;
  const byKey = new Map<string, NftService>();
  for (const service of services) byKey.set(keyOf(service), service);
  return { kind: 'services', name: ownSet(family), family, elements: [...byKey.values()] };
}

function servicesOf(
  reserved: ReservedAddress,
  rules: readonly MarkedRule[],
  resolver: NameResolver | undefined,
): NftService[] {
  return [
    ...(reserved.gateway === undefined ? [] : [question(reserved.gateway)]),
    ...(resolver?.source === 'reserved' ? dnsServices(reserved, resolver) : []),
    ...servicesOfRules(reserved, rules),
  ];
}

function servicesOfRules({ cidr, gateway }: ReservedAddress, rules: readonly MarkedRule[]): NftService[] {
  const services: NftService[] = [];
  for (const { rule } of rules) {
    const { protocol, destination: address, targetPort: port } = rule;
    if (address.family !== cidr.address.family) continue;
    services.push({ protocol, address, port });
    if (gateway === undefined) services.push(question(address));
  }
  return services;
}

function* dnsServices({ cidr }: ReservedAddress, { servers = [] }: NameResolver): Generator<NftService> {
  for (const address of servers) {
    if (address.family !== cidr.address.family) continue;
    yield { protocol: 'UDP', address, port: DNS_PORT };
    // After a truncated answer.
    yield { protocol: 'TCP', address, port: DNS_PORT };
  }
}

function question(address: IpAddress): NftService {
  return { protocol: 'UDP', address, port: NEIGHBOUR_PORT };
}

function keyOf({ protocol, address, port }: NftService): string {
  return `${protocol} ${port} ${address.text}`;
}
