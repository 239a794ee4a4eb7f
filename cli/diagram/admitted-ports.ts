import { type KubernetesObject, member, records } from '../input/kubernetes-object';
import type { Router } from '../input/router';

/** Stands for all ports of a router. */
export const EVERY_PORT = 'every port';

interface PortRange {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

const LAST_PORT = 65535;

/**
 * The router's ports that a NetworkPolicy rule admits, such as `8443 TCP`, or `EVERY_PORT` alone. Empty for a rule
 * about ports that do not lead through the router, such as its health port.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicyPort
 */
export function admittedPorts(ports: unknown, { config, objects }: Router): readonly string[] {
  const entries = records(ports);
  if (entries.length === 0) return [EVERY_PORT];
  const ranges = entries.flatMap((entry) => rangeOf(entry, objects.deployment) ?? []);
  const { rules, fallbacks, options } = config;
  const isRule = ({ protocol, first, last }: PortRange) =>
    first === last && rules.some((rule) => rule.protocol === protocol && rule.port === first);
  const isHealth = ({ protocol, first, last }: PortRange) =>
    protocol === 'TCP' && first === last && first === options.healthPort;
  const served = new Set(rules.map(({ protocol, port }) => `${port} ${protocol}`));
  const reached = rules
    .filter(({ protocol, port }) =>
      ranges.some((range) => range.protocol === protocol && range.first <= port && port <= range.last),
    )
    .map(({ protocol, port }) => `${port} ${protocol}`);
  if (fallbacks.length === 0) return new Set(reached).size === served.size ? [EVERY_PORT] : reached;
  if (isEveryPort(ranges, options.healthPort)) return [EVERY_PORT];
  // A fallback listens on every port without a rule.
  return [...reached, ...ranges.filter((range) => !isRule(range) && !isHealth(range)).map(rangeText)];
}

/** Whether the ranges of each protocol admit to every port but the health port. */
function isEveryPort(ranges: readonly PortRange[], healthPort = LAST_PORT + 1): boolean {
  const admits = (protocol: string, from: number, to: number) =>
    from > to || ranges.some(({ first, last, ...range }) => range.protocol === protocol && first <= from && to <= last);
  const tcp = admits('TCP', 1, healthPort - 1) && admits('TCP', healthPort + 1, LAST_PORT);
  return tcp && admits('UDP', 1, LAST_PORT) && admits('SCTP', 1, LAST_PORT);
}

/** @returns nothing for a name that no port of the pod has: it admits no traffic */
function rangeOf(
  { protocol = 'TCP', port, endPort }: Readonly<Record<string, unknown>>,
  deployment: KubernetesObject | undefined,
): PortRange | undefined {
  const ofProtocol = { protocol: String(protocol) };
  if (port === undefined || port === null) return { ...ofProtocol, first: 1, last: LAST_PORT };
  const first = typeof port === 'string' ? namedPort(port, ofProtocol.protocol, deployment) : port;
  if (typeof first !== 'number') return undefined;
  return { ...ofProtocol, first, last: typeof endPort === 'number' ? endPort : first };
}

function namedPort(name: string, wanted: string, deployment: KubernetesObject | undefined): unknown {
  return records(member(deployment?.body, 'spec', 'template', 'spec', 'containers'))
    .flatMap(({ ports }) => records(ports))
    .find(({ name: own, protocol = 'TCP' }) => own === name && protocol === wanted)?.containerPort;
}

function rangeText({ protocol, first, last }: PortRange): string {
  if (first === 1 && last === LAST_PORT) return `every ${protocol} port`;
  return first === last ? `${first} ${protocol}` : `${first}–${last} ${protocol}`;
}
