import { repeats } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { contains, subnetRole } from '../values/cidr';
import { addressKind, type Family, familyName, hostOnly, type IpAddress } from '../values/ip-address';
import { PROTOCOLS, type Protocol, portKey } from '../values/protocol';
import type { HostPort } from './host';
import { PAIR_PORT } from './pair';
import type { LocatedRule, RedirectRule } from './redirect-rule';
import type { ReservedAddress } from './reserved-address';

/** The destinations of a router's ports, each with its field. */
export interface RedirectTable {
  readonly addresses: readonly Located<ReservedAddress>[];
  /** Whether every address is valid: otherwise destinations cannot be checked against them. */
  readonly areComplete: boolean;
  readonly rules: readonly LocatedRule[];
  /** Ports of hosts whose addresses DNS says: each is one of every reserved family. */
  readonly resolvedPorts?: readonly Located<HostPort>[];
  /** At most one for each family. */
  readonly fallbacks: readonly Located<IpAddress>[];
  /** TCP port of the router's own process, if any; no rule may use it. */
  readonly healthPort: number | undefined;
  /** Whether two pods share the router, and talk to each other on `PAIR_PORT`; absent: one pod has it. */
  readonly isPair?: boolean;
}

/** Adds an issue if there is neither a rule nor a host nor a fallback. */
export function refuseNothingToRedirect(rules: Field, hosts: Field, fallback: Field): void {
  if (![rules, hosts, fallback].every(isNothing)) return;
  rules.refuse('leaves nothing to redirect', 'at least one redirect rule or host, or a fallback address');
}

/** Checks the parts of a table against each other. Adds an issue for each contradiction. */
export function checkRedirectTable(table: RedirectTable): void {
  if (table.areComplete) {
    const reachable = new Set<string>();
    for (const { value, destination: field } of table.rules) {
      // Many rules lead to few servers: a valid server is checked once.
      const { text } = value.destination;
      if (!reachable.has(text) && checkReachable(table, value.destination, field)) reachable.add(text);
    }
    for (const fallback of table.fallbacks) checkReachable(table, fallback.value, fallback.field);
  }
  refuseSecondFallback(table);
  refuseHealthPort(table);
  if (table.isPair === true) refusePairPort(table);
  refuseSharedPorts(table);
}

/** Absent or empty. An invalid value has an issue of its own. */
function isNothing({ isPresent, value }: Field): boolean {
  return !isPresent || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Two rules contradict each other if they share this key: port, protocol and address family. */
export function ruleKey({
  destination,
  protocol,
  port,
}: Pick<RedirectRule, 'protocol' | 'port'> & { readonly destination: { readonly family: Family } }): number {
  return (destination.family * PROTOCOLS.length + PROTOCOLS.indexOf(protocol)) * 65536 + port;
}

function refuseHealthPort(table: RedirectTable): void {
  const { healthPort } = table;
  for (const field of fieldsOfPort(table, (protocol, port) => port === healthPort && protocol === 'TCP')) {
    field.refuse(
      'takes the health port, where the router answers probes',
      `a TCP port other than ${healthPort}, or another health port`,
    );
  }
}

function refusePairPort(table: RedirectTable): void {
  for (const field of fieldsOfPort(table, (protocol, port) => port === PAIR_PORT && protocol !== 'SCTP')) {
    field.refuse('takes the port on which the pods of a pair talk to each other', `a port other than ${PAIR_PORT}`);
  }
}

/** The fields of rules and hosts that take a port of the router. */
function fieldsOfPort(
  { rules, resolvedPorts = [] }: RedirectTable,
  isTaken: (protocol: Protocol, port: number) => boolean,
): Field[] {
  return [
    ...rules.filter(({ value }) => isTaken(value.protocol, value.port)).map(({ port }) => port),
    ...resolvedPorts.filter(({ value }) => isTaken(value.protocol, value.routerPort)).map(({ field }) => field),
  ];
}

function refuseSharedPorts(table: RedirectTable): void {
  for (const [rule, first] of repeats(table.rules, ({ value }) => ruleKey(value))) {
    const { port, protocol, destination } = rule.value;
    rule.field.refuse(
      `redirects ${protocol} port ${port} as ${first.field.path} does already (to ${first.value.destination.text})`,
      `one rule for a protocol and port in ${familyName(destination.family)}`,
    );
  }
  refuseSharedResolvedPorts(table);
}

function refuseSharedResolvedPorts({ rules, resolvedPorts = [] }: RedirectTable): void {
  if (resolvedPorts.length === 0) return;
  const holders = new Map(rules.map(({ value, field }) => [portKey(value), field]));
  for (const { value, field } of resolvedPorts) {
    const { protocol, routerPort: port } = value;
    const first = holders.get(portKey({ protocol, port }));
    if (first === undefined) holders.set(portKey({ protocol, port }), field);
    else
      field.refuse(
        `redirects ${protocol} port ${port} as ${first.path} does already`,
        'one rule or host for a protocol and port',
      );
  }
}

function refuseSecondFallback({ fallbacks }: RedirectTable): void {
  for (const [second, first] of repeats(fallbacks, ({ value }) => value.family)) {
    second.field.refuse(`is a second fallback beside ${first.field.path}`, 'one fallback address of a family');
  }
}

/** Whether the router can reach the destination; adds an issue if not. */
function checkReachable({ addresses }: RedirectTable, destination: IpAddress, field: Field): boolean {
  if (addressKind(destination) !== 'host') {
    return hostOnly(field, destination, reachableWords(addresses)) !== undefined;
  }
  const from = addresses.find(({ value }) => value.cidr.address.family === destination.family);
  const obstacle = obstacleTo(destination, addresses, from);
  if (obstacle !== undefined) field.refuse(obstacle.problem, obstacle.accepted);
  return obstacle === undefined;
}

function obstacleTo(
  destination: IpAddress,
  addresses: readonly Located<ReservedAddress>[],
  from: Located<ReservedAddress> | undefined,
): { readonly problem: string; readonly accepted: string } | undefined {
  if (from === undefined) {
    const family = familyName(destination.family);
    return {
      problem: `leads to ${destination.text}, and no ${family} address is reserved`,
      accepted: `a destination of the reserved address's family, or a reserved ${family} address`,
    };
  }
  const { cidr, gateway } = from.value;
  if (destination.text === cidr.address.text) {
    return { problem: 'leads to the reserved address itself', accepted: reachableWords(addresses) };
  }
  if (contains(cidr, destination)) {
    const role = subnetRole(cidr, destination);
    return role && { problem: `leads to the ${role} address of ${cidr.text}`, accepted: reachableWords(addresses) };
  }
  return gateway === undefined
    ? {
        problem: `leads to ${destination.text}, outside the subnet of ${cidr.text}, and there is no gateway`,
        accepted: `a destination within the subnet, or a gateway for ${from.field.path}`,
      }
    : undefined;
}

/** Built only for an issue: nearly every rule has none. */
function reachableWords(addresses: readonly Located<ReservedAddress>[]): string {
  return `the address of a host that the router reaches from ${addresses.map(({ value }) => value.cidr.text).join(', ')}`;
}
