import type { Host } from '../../domain/router/host';
import { familiesOf } from '../../domain/router/name-resolver';
import type { RouterSpec } from '../../domain/router/router-spec';
import type { HostName } from '../../domain/values/host-name';
import type { Family } from '../../domain/values/ip-address';

/** A port of the router that a rule or a host listens on. */
export interface ListeningPort {
  readonly port: number;
  readonly protocol: string;
}

/**
 * The ports of the router that stand for ports of hosts.
 *
 * @param names of hosts; absent: all
 */
export function hostPorts(spec: RouterSpec | undefined, names?: readonly HostName[]): ListeningPort[] {
  const hosts = spec?.hosts.filter(({ name }) => names?.includes(name) ?? true) ?? [];
  return hosts.flatMap(({ ports }) => ports.map(({ routerPort: port, protocol }) => ({ port, protocol })));
}

/**
 * The families of the destinations of the router's own Service, IPv4 first: of the rules and the fallback, or of the
 * hosts where there is neither. There clients find a rule that listens.
 *
 * @param hasFallback whether the fallback listens
 */
export function serviceFamilies(spec: RouterSpec | undefined, hasFallback: boolean): Family[] {
  if (spec === undefined) return [];
  const plain = spec.rules.filter(({ host }) => host === undefined);
  const rules = plain.length === 0 && !hasFallback ? spec.rules : plain;
  const families = rules.map(({ destination }) => destination.family);
  if (spec.fallback !== undefined && hasFallback) families.push(spec.fallback.family);
  if (rules === spec.rules) families.push(...spec.hosts.flatMap((host) => resolvedFamilies(host, spec)));
  return [...new Set(families)].sort();
}

/** The families of the addresses that DNS may say for a host; none for one with addresses. */
export function resolvedFamilies(host: Host, spec: RouterSpec | undefined): Family[] {
  return host.addresses.length > 0 || spec === undefined ? [] : familiesOf(host, spec.addresses);
}
