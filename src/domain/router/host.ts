import { repeats, withoutUndefined } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { type Cidr, contains } from '../values/cidr';
import { type HostName, readHostName } from '../values/host-name';
import { type Family, familyName, type IpAddress, readIpAddress } from '../values/ip-address';
import { PROTOCOLS, type Protocol, portKey } from '../values/protocol';
import type { LocatedRule, RedirectRule } from './redirect-rule';
import { readOwnCidr } from './subnet';

/** A port of a host, and the port of the router that stands for it. */
export interface HostPort {
  readonly routerPort: number;
  readonly protocol: Protocol;
  readonly port: number;
}

/** A destination by its name. It stands for a rule for each of its ports and addresses. */
export interface Host {
  readonly name: HostName;
  readonly ports: readonly HostPort[];
  /** At most one of a family; none where they are not known, or where DNS says them. */
  readonly addresses: readonly IpAddress[];
  /** The networks that DNS may lead the name to; absent: any outside the cluster and the router. */
  readonly allowedCidrs?: readonly Cidr[];
}

/** Hosts and their rules, each with its field. */
export interface LocatedHosts {
  readonly hosts: readonly Host[];
  readonly rules: readonly LocatedRule[];
  /** The ports of hosts whose addresses DNS says. */
  readonly resolvedPorts: readonly Located<HostPort>[];
  readonly allowedCidrs: readonly Located<Cidr>[];
}

/** The rules that hosts stand for, in their order: by host, port and address. */
export function hostRules(hosts: readonly Host[]): RedirectRule[] {
  return hosts.flatMap((host) =>
    host.ports.flatMap((port) => host.addresses.map((address) => hostRule(host.name, port, address))),
  );
}

/** The rule of a port and an address of a host. */
export function hostRule(host: HostName, { routerPort, protocol, port }: HostPort, destination: IpAddress) {
  return { protocol, port: routerPort, destination, targetPort: port, host };
}

/** The host of each port of the router, by `portKey`. */
export function hostsByPort(hosts: readonly Host[]): Map<string, HostName> {
  return new Map(
    hosts.flatMap(({ name, ports }) =>
      ports.map(({ protocol, routerPort: port }) => [portKey({ protocol, port }), name] as const),
    ),
  );
}

const HOSTS = 'a list of hosts, such as [{ "name": "api.bank.example", "ports": ["20443 TCP 443"], "addresses": … }]';
const PORTS = 'a list of "ROUTERPORT PROTOCOL PORT", such as ["20443 TCP 443"]';
const ADDRESSES = 'a list of the addresses of the host, one of each family, such as ["203.0.113.26"]';

/** What a host without addresses is. */
export interface HostDemands {
  /** Refused, unless there is a resolver: the pod's own process gets only names and ports. */
  readonly needsAddresses: boolean;
  /** One whose addresses DNS says. */
  readonly hasResolver: boolean;
}

/** Reads the hosts of the plugin's configuration. */
export function readHosts(list: Field, demands: HostDemands): LocatedHosts {
  if (!list.isPresent) return { hosts: [], rules: [], resolvedPorts: [], allowedCidrs: [] };
  const found = withoutRepeats(list.elements(HOSTS).flatMap((field) => readHost(field, demands) ?? []));
  return {
    hosts: found.map(({ host }) => host),
    rules: found.flatMap(({ rules }) => rules),
    resolvedPorts: found.flatMap(({ resolvedPorts }) => resolvedPorts),
    allowedCidrs: found.flatMap(({ allowedCidrs }) => allowedCidrs),
  };
}

/** Refuses each host whose name an earlier one has, and returns the others. */
export function withoutRepeats<T extends { readonly host: Host; readonly name: Field }>(hosts: readonly T[]): T[] {
  const repeated = new Set<T>();
  for (const [second, first] of repeats(hosts, ({ host }) => host.name)) {
    second.name.refuse(`is the name of ${first.name.path} already`, 'each host once, with all its ports');
    repeated.add(second);
  }
  return hosts.filter((host) => !repeated.has(host));
}

function readHost(field: Field, { needsAddresses, hasResolver }: HostDemands) {
  if (!field.isObjectOf(['name', 'ports', 'addresses', 'allowedCidrs'])) return undefined;
  const name = readHostName(field.member('name'));
  const ports = field.member('ports').someElements(PORTS).flatMap(readHostPort);
  const list = field.member('addresses');
  const isResolved = hasResolver && !list.isPresent;
  const addresses = list.isPresent || (needsAddresses && !isResolved) ? readHostAddresses(list) : [];
  const allowedCidrs = readAllowedCidrs(field.member('allowedCidrs'), isResolved);
  if (name === undefined) return undefined;
  const host: Host = {
    name,
    ports: ports.map(({ value }) => value),
    addresses: addresses.map(({ value }) => value),
    ...(allowedCidrs.length === 0 ? {} : { allowedCidrs: allowedCidrs.map(({ value }) => value) }),
  };
  return {
    host,
    name: field.member('name'),
    rules: locatedRules(name, ports, addresses),
    resolvedPorts: isResolved ? ports : [],
    allowedCidrs,
  };
}

const ALLOWED = 'a list of networks that the name may lead to, such as ["198.51.100.0/24"]';
const ALLOWED_CIDR = 'a network with its prefix length, such as "198.51.100.0/24"';

/** Reads the networks that a host's name may lead to; none where there are none. */
export function readAllowedCidrs(list: Field, isResolved: boolean): Located<Cidr>[] {
  if (!list.isPresent) return [];
  if (!isResolved) {
    list.refuse('is for a host whose addresses DNS says', 'nothing beside fixed addresses');
    return [];
  }
  return list.someElements(ALLOWED).flatMap((field) => {
    const value = readOwnCidr(field, 'network', ALLOWED_CIDR);
    return value === undefined ? [] : [{ value, field }];
  });
}

/** Refuses networks of a family that no reserved address has, and those that are the cluster's. */
export function checkAllowedCidrs(
  allowed: readonly Located<Cidr>[],
  families: readonly Family[],
  clusterCidrs: readonly Cidr[],
): void {
  for (const { value, field } of allowed) {
    const family = familyName(value.address.family);
    const cluster = clusterCidrs.find(
      (range) => range.prefixLength <= value.prefixLength && contains(range, value.address),
    );
    if (cluster !== undefined)
      field.refuse(`is in ${cluster.text}, a network of the cluster`, 'a network outside the cluster');
    else if (!families.includes(value.address.family))
      field.refuse(
        `is an ${family} network, and no ${family} address is reserved`,
        "a network of the reserved address's family",
      );
  }
}

/** The rules of a host, each with the fields of its port and of its address. */
export function locatedRules(
  host: HostName,
  ports: readonly Located<HostPort>[],
  addresses: readonly Located<IpAddress>[],
): LocatedRule[] {
  return ports.flatMap((port) =>
    addresses.map((address) => ({
      value: hostRule(host, port.value, address.value),
      field: port.field,
      port: port.field,
      destination: address.field,
    })),
  );
}

/** Reads the addresses of a host: one of each family. */
export function readHostAddresses(list: Field): Located<IpAddress>[] {
  const addresses = list.someElements(ADDRESSES).flatMap((field) => {
    const value = readIpAddress(field);
    return value === undefined ? [] : [{ value, field }];
  });
  for (const [second, first] of repeats(addresses, ({ value }) => value.family)) {
    const problem = `is a second ${familyName(second.value.family)} address beside ${first.field.path}`;
    second.field.refuse(problem, 'one address of each family');
  }
  return addresses.filter(
    ({ value }, index) => addresses.findIndex((one) => one.value.family === value.family) === index,
  );
}

const HOST_PORT = new RegExp(`^([1-9]\\d{0,4}) (${PROTOCOLS.join('|')}) ([1-9]\\d{0,4})$`);

function readHostPort(field: Field): Located<HostPort>[] {
  const accepted = '"ROUTERPORT PROTOCOL PORT", such as "20443 TCP 443"';
  const text = field.text(accepted);
  if (text === undefined) return [];
  const words = HOST_PORT.exec(text);
  const [routerPort, port] = [Number(words?.[1]), Number(words?.[3])];
  if (words === null || routerPort > 65535 || port > 65535) {
    field.refuse('is not two ports with a protocol between them', accepted);
    return [];
  }
  return [{ value: { routerPort, protocol: words[2] as Protocol, port }, field }];
}

/** The element of `ip.hosts` for this host. */
export function encodeHost({ name, ports, addresses, allowedCidrs }: Host): Record<string, unknown> {
  return withoutUndefined({
    name,
    ports: ports.map(({ routerPort, protocol, port }) => `${routerPort} ${protocol} ${port}`),
    addresses: addresses.length === 0 ? undefined : addresses.map(({ text }) => text),
    allowedCidrs: allowedCidrs?.map(({ text }) => text),
  });
}
