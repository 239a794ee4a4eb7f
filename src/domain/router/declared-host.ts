import { repeats } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import type { Cidr } from '../values/cidr';
import { readHostName } from '../values/host-name';
import { familyName, type IpAddress } from '../values/ip-address';
import { readServiceName } from '../values/kubernetes-name';
import { PROTOCOLS, type Protocol, readPort } from '../values/protocol';
import { type Host, type HostPort, locatedRules, readAllowedCidrs, readHostAddresses, withoutRepeats } from './host';
import { RouterPortBook } from './host-ports';
import { hostServiceName } from './host-service-name';
import { MOST_SERVICE_PORTS } from './object-limits';
import type { LocatedRule } from './redirect-rule';
import { routerPort } from './router-port';
import { readClusterIp } from './service-options';

/** A host of the constructs' props: with the Service that clients reach it by. */
export interface DeclaredHost extends Host {
  readonly serviceName: string;
  /** Cluster IPs that the declaration gives; at most one of a family. */
  readonly clusterIps: readonly IpAddress[];
}

/** What a router has beside its hosts. */
export interface DeclaredHostsContext {
  /** Names of the router and of its Service; absent when wrong. */
  readonly router: string | undefined;
  readonly serviceName: string | undefined;
  /** Cluster IP of the router's own Service, where it is given. */
  readonly clusterIp?: Located<IpAddress>;
  readonly rules: readonly LocatedRule[];
  readonly healthPort: number | undefined;
  /** What the router lacks to resolve names, in words; absent: nothing. */
  readonly lacksForNames?: string;
  /** Converts a name in Unicode; see `parseHostName`. */
  readonly toAscii?: (text: string) => string;
}

export interface DeclaredHosts {
  readonly hosts: readonly DeclaredHost[];
  readonly rules: readonly LocatedRule[];
  readonly allowedCidrs: readonly Located<Cidr>[];
}

const KEYS = ['name', 'ports', 'protocol', 'addresses', 'allowedCidrs', 'clusterIps', 'routerPorts', 'serviceName'];
const HOSTS = 'a list of { name, ports, addresses }';

/** Reads the hosts of a router: what each says, and that they do not collide with each other or with the rules. */
export function readDeclaredHosts(list: Field, context: DeclaredHostsContext): DeclaredHosts {
  if (!list.isPresent) return { hosts: [], rules: [], allowedCidrs: [] };
  const found = withoutRepeats(list.elements(HOSTS).flatMap((field) => readDeclaredHost(field, context) ?? []));
  const book = new RouterPortBook(context);
  const placed = found.map((each) => ({ ...each, ports: book.place(each.host.name, each) }));
  refuseSharedServices(placed, context.serviceName);
  refuseSharedClusterIps(placed, context.clusterIp);
  return {
    hosts: placed.map(({ host, ports }) => ({ ...host, ports: ports.map(({ value }) => value) })),
    rules: placed.flatMap(({ host, ports, addresses }) => locatedRules(host.name, ports, addresses)),
    allowedCidrs: placed.flatMap(({ allowedCidrs }) => allowedCidrs),
  };
}

/** Reads one host by itself. */
export function readDeclaredHost(
  field: Field,
  { router, toAscii, lacksForNames }: Pick<DeclaredHostsContext, 'router' | 'toAscii' | 'lacksForNames'>,
) {
  if (!field.isObjectOf(KEYS)) return undefined;
  const nameField = field.member('name');
  const name = readHostName(nameField, toAscii);
  const protocol = field.member('protocol').optional((member) => member.word(PROTOCOLS)) ?? 'TCP';
  const { addresses, allowedCidrs } = readWhere(field, lacksForNames);
  const clusterIps = readClusterIps(field.member('clusterIps'), addresses);
  const given = field.member('serviceName').optional(readServiceName);
  const numbers = readPorts(field.member('ports'));
  const overrides = readRouterPorts(field.member('routerPorts'), numbers.length);
  if (name === undefined) return undefined;
  const ports = numbers.map(({ value: port, field: ofPort }, index) =>
    hostPort(name, protocol, port, overrides[index], ofPort),
  );
  const host: DeclaredHost = {
    name,
    ports: ports.map(({ value }) => value),
    addresses: addresses.map(({ value }) => value),
    ...(allowedCidrs.length === 0 ? {} : { allowedCidrs: allowedCidrs.map(({ value }) => value) }),
    serviceName: given ?? hostServiceName(router ?? 'router', name),
    clusterIps: clusterIps.map(({ value }) => value),
  };
  const service = field.member('serviceName');
  return {
    host,
    field,
    name: nameField,
    ports,
    addresses,
    allowedCidrs,
    clusterIps,
    service: service.isPresent ? service : nameField,
  };
}

/** Where a host is: at its addresses, or at those that DNS says. */
function readWhere(field: Field, lacksForNames: string | undefined) {
  const list = field.member('addresses');
  const allowedCidrs = readAllowedCidrs(field.member('allowedCidrs'), !list.isPresent);
  if (list.isPresent) return { addresses: readHostAddresses(list), allowedCidrs };
  if (lacksForNames !== undefined)
    list.refuse(`is missing, and the router does not resolve the name: ${lacksForNames}`, ADDRESSES);
  return { addresses: [], allowedCidrs };
}

const ADDRESSES =
  'the addresses of the host; or RouterMode.standalone({ liveRules: true, resolver: DnsResolver.servers([…]) }) in a cluster with podCidrs and serviceCidrs';

/** A port of a host with the field that says the port of the router: the override, or the port that it follows from. */
function hostPort(
  host: string,
  protocol: Protocol,
  port: number,
  override: Located<number> | undefined,
  field: Field,
): Located<HostPort> {
  const value = { routerPort: override?.value ?? routerPort(host, protocol, port), protocol, port };
  return { value, field: override?.field ?? field };
}

function readPorts(list: Field): Located<number>[] {
  const ports = list.someElements('a list of the ports of the host, such as [443]').flatMap(readLocatedPort);
  if (ports.length > MOST_SERVICE_PORTS) {
    const problem = 'ports are more than the API server takes in one Service';
    list.withValue(ports.length).refuse(problem, `at most ${MOST_SERVICE_PORTS} ports of one host`);
  }
  for (const [second, first] of repeats(ports, ({ value }) => value))
    second.field.refuse(`is ${first.field.path} already`, 'each port once');
  return ports.filter(({ value }, index) => ports.findIndex((one) => one.value === value) === index);
}

function readRouterPorts(list: Field, count: number): Located<number>[] {
  if (!list.isPresent) return [];
  const accepted = 'a list with a port of the router for each of ports, in their order';
  const fields = list.elements(accepted);
  if (Array.isArray(list.value) && fields.length !== count && count > 0)
    list.refuse(`has ${fields.length} for ${count} of the host`, accepted);
  return fields.flatMap(readLocatedPort);
}

function readLocatedPort(field: Field): Located<number>[] {
  const value = readPort(field);
  return value === undefined ? [] : [{ value, field }];
}

function readClusterIps(list: Field, addresses: readonly Located<IpAddress>[]): Located<IpAddress>[] {
  if (!list.isPresent) return [];
  const found = list.elements('a list of cluster IPs, one of each family').flatMap((field) => {
    const value = readClusterIp(field);
    return value === undefined ? [] : [{ value, field }];
  });
  const families = new Set(addresses.map(({ value }) => value.family));
  for (const { value, field } of found) {
    if (families.size === 0 || families.has(value.family)) continue;
    const family = familyName(value.family);
    field.refuse(`is an ${family} address, and the host has none`, `a cluster IP of a family of addresses`);
  }
  for (const [second, first] of repeats(found, ({ value }) => value.family))
    second.field.refuse(
      `is a second ${familyName(second.value.family)} address beside ${first.field.path}`,
      'one of each family',
    );
  return found;
}

interface Placed {
  readonly host: DeclaredHost;
  readonly service: Field;
  readonly clusterIps: readonly Located<IpAddress>[];
}

function refuseSharedServices(hosts: readonly Placed[], ofRouter: string | undefined): void {
  const accepted = 'a serviceName that no other Service of the namespace has';
  for (const { host, service } of hosts) {
    if (host.serviceName !== ofRouter) continue;
    service.refuse(`makes Service/${host.serviceName}, which is the router's own`, accepted);
  }
  for (const [second, first] of repeats(hosts, ({ host }) => host.serviceName)) {
    second.service.refuse(`makes Service/${second.host.serviceName}, which ${first.service.path} makes too`, accepted);
  }
}

function refuseSharedClusterIps(hosts: readonly Placed[], ofRouter?: Located<IpAddress>): void {
  const all = [...(ofRouter === undefined ? [] : [ofRouter]), ...hosts.flatMap(({ clusterIps }) => clusterIps)];
  for (const [second, first] of repeats(all, ({ value }) => value.text)) {
    // Two of one host have an issue of their own.
    if (hosts.some(({ clusterIps }) => clusterIps.includes(second) && clusterIps.includes(first))) continue;
    second.field.refuse(`is ${first.field.path} already`, 'a cluster IP that no other Service has');
  }
}
