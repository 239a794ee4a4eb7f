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
  const destinations = rules.map(({ destination }) => destination);
  if (spec.fallback !== undefined && hasFallback) destinations.push(spec.fallback);
  return [...new Set(destinations.map(({ family }) => family))].sort();
}
