import { contains } from '../values/cidr';
import { familyName, type IpAddress } from '../values/ip-address';
import type { Host } from './host';
import { familiesOf, type NameResolver, resolvedHosts, withinText } from './name-resolver';
import type { RedirectRule } from './redirect-rule';
import type { ReservedAddress } from './reserved-address';
import { RouterModeKind, type RouterSpec } from './router-spec';

/**
 * The paths of packets through the router, one line each:
 * `client → db.egress.svc:8080/TCP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → 203.0.113.26:80`. A client of a host
 * connects to the host's own name and port.
 */
export function packetPaths(spec: RouterSpec, clientHost: string): string[] {
  const paths = spec.rules.map((rule) => {
    const { destination, targetPort } = rule;
    return path(spec, asked(rule, clientHost), destination, `${hostText(destination)}:${targetPort}`);
  });
  paths.push(...resolvedHosts(spec).flatMap((host) => resolvedPaths(spec, host)));
  const others = `${clientHost}, any other port`;
  if (spec.fallback === undefined) return [...paths, `client → ${others} → refused`];
  if (spec.mode === RouterModeKind.OPERATOR) {
    return [...paths, `client → ${others} → refused, because the operator's plugin does not read fallbackIp`];
  }
  return [...paths, path(spec, others, spec.fallback, spec.fallback.text)];
}

/** The paths of a host whose addresses DNS says: one for each port and family. */
function resolvedPaths(spec: RouterSpec, host: Host): string[] {
  const { addresses, resolver } = spec;
  const { name, ports } = host;
  return ports.flatMap(({ port, protocol }) =>
    familiesOf(host, addresses).map((family) => {
      const from = addresses.find(({ cidr }) => cidr.address.family === family)!;
      const said = `${familyName(family)} addresses of ${name}${withinText(host)}, as ${serversText(resolver!)} ${answers(resolver!)}`;
      return `client → ${name}:${port}/${protocol} → ${net1(spec, from)} → the ${said}, port ${port}`;
    }),
  );
}

function serversText({ servers }: NameResolver): string {
  return servers === undefined ? "the node's DNS servers" : servers.map(({ text }) => text).join(' or ');
}

const answers = ({ servers }: NameResolver) => (servers?.length === 1 ? 'answers' : 'answer');

/** What a client connects to: a port of the router, or a port of the host itself. */
function asked({ port, protocol, targetPort, host }: RedirectRule, clientHost: string): string {
  return host === undefined ? `${clientHost}:${port}/${protocol}` : `${host}:${targetPort}/${protocol}`;
}

function path(spec: RouterSpec, from: string, destination: IpAddress, to: string): string {
  const reserved = spec.addresses.find(({ cidr }) => cidr.address.family === destination.family);
  const gateway = reserved === undefined || contains(reserved.cidr, destination) ? undefined : reserved.gateway;
  const via = gateway === undefined ? '' : ` → gateway ${gateway.text}`;
  return `client → ${from} → ${net1(spec, reserved)}${via} → ${to}`;
}

function net1({ macAddress }: RouterSpec, reserved: ReservedAddress | undefined): string {
  return `net1 ${reserved?.cidr.address.text} (${macAddress ?? 'MAC drawn by the operator'})`;
}

/** An address before a port: IPv6 in brackets (RFC 3986). */
function hostText({ family, text }: IpAddress): string {
  return family === 6 ? `[${text}]` : text;
}
