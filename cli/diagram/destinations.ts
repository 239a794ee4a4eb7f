import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { Host } from '../../src/domain/router/host';
import { resolvedHosts, withinText } from '../../src/domain/router/name-resolver';
import type { RedirectRule } from '../../src/domain/router/redirect-rule';
import { contains } from '../../src/domain/values/cidr';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { Router } from '../input/router';

/** A server that a router leads to. */
export interface Destination {
  /** Its address, or its name where DNS says the addresses. */
  readonly title: string;
  readonly address?: IpAddress;
  /** What leads there, a line each: `8443 TCP → 443`, or `api.bank.example 443 TCP`. */
  readonly lines: readonly string[];
}

/**
 * The servers of a router, in the order of its rules, then the hosts that DNS resolves. The fallback is the last line
 * of its server.
 */
export function destinationsOf({ config, mode }: Router): Destination[] {
  const { rules, fallbacks } = config;
  const found = new Map<string, { readonly title: string; readonly address: IpAddress; readonly lines: string[] }>();
  const add = (address: IpAddress, line: string) => {
    const known = found.get(address.text);
    if (known === undefined) found.set(address.text, { title: address.text, address, lines: [line] });
    else known.lines.push(line);
  };
  for (const rule of rules) add(rule.destination, ruleText(rule));
  const fallback = mode === 'operator' ? "every other port (the operator's plugin ignores it)" : 'every other port';
  for (const address of fallbacks) add(address, fallback);
  return [...found.values(), ...resolvedHosts(config).map(resolvedDestination)];
}

function resolvedDestination(host: Host): Destination {
  const { name, ports } = host;
  const within = host.allowedCidrs === undefined ? [] : [`DNS,${withinText(host)}`];
  return { title: name, lines: [...ports.map(({ port, protocol }) => `${port} ${protocol}`), ...within] };
}

function ruleText({ port, protocol, targetPort, host }: RedirectRule): string {
  if (host !== undefined) return `${host} ${targetPort} ${protocol}`;
  return targetPort === port ? `${port} ${protocol}` : `${port} ${protocol} → ${targetPort}`;
}

/** Whether packets to a server need no gateway. */
export function isOnLink(address: IpAddress, { routes }: Pick<DataPlane, 'routes'>): boolean {
  return routes.some(({ destination }) => destination !== undefined && contains(destination, address));
}
