import * as fc from 'fast-check';
import { withoutUndefined } from '../../src/domain/input/collections';
import { DEFAULT_CONNECTION_TIMEOUTS, LONGEST_CONNECTION_TIMEOUT } from '../../src/domain/router/connection-timeouts';
import { type Host, hostRules } from '../../src/domain/router/host';
import { type NameResolver, RESOLVER_SOURCES } from '../../src/domain/router/name-resolver';
import { CNI_VERSIONS, type NetworkConfig } from '../../src/domain/router/network-config';
import type { ReservedAddress } from '../../src/domain/router/reserved-address';
import { LOG_LEVELS, type RouterOptions } from '../../src/domain/router/router-options';
import { type Cidr, cidr, contains, parseCidr, subnetRole } from '../../src/domain/values/cidr';
import { addressKind, type Family, fromBytes, type IpAddress } from '../../src/domain/values/ip-address';
import { deriveMacAddress } from '../../src/domain/values/mac-address';
import { MACVLAN_MODES } from '../../src/domain/values/macvlan';
import { PROTOCOLS } from '../../src/domain/values/protocol';
import { addressOf, ipv4Bytes, ipv6Bytes, numberOf } from './arbitrary-address';

const port = fc.integer({ min: 1, max: 65535 });
const PLAIN = { noNullPrototype: true };
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

function hostOf(family: Family): fc.Arbitrary<IpAddress> {
  return (family === 4 ? ipv4Bytes : ipv6Bytes).map(fromBytes).filter(isHost);
}

/** Whether a host can have the address; IPv4-mapped ones are IPv4's. */
function isHost(address: IpAddress): boolean {
  return addressKind(address) === 'host' && !address.text.startsWith('::ffff:');
}

function hostWithin(subnet: Cidr): fc.Arbitrary<IpAddress> {
  const size = subnet.address.bytes.length;
  const hosts = 1n << BigInt(size * 8 - subnet.prefixLength);
  const first = numberOf(subnet.address.bytes) - (numberOf(subnet.address.bytes) % hosts);
  return fc
    .bigInt({ min: first, max: first + hosts - 1n })
    .map((number) => addressOf(number, size))
    .filter((host) => isOtherHost(subnet, host));
}

function isOtherHost(subnet: Cidr, host: IpAddress): boolean {
  return isHost(host) && host.text !== subnet.address.text && subnetRole(subnet, host) === undefined;
}

function reservedOf(family: Family): fc.Arbitrary<ReservedAddress> {
  const prefixLength = family === 4 ? fc.integer({ min: 8, max: 30 }) : fc.integer({ min: 8, max: 126 });
  return fc
    .tuple(hostOf(family), prefixLength)
    .map(([address, length]) => cidr(address, length))
    .filter((subnet) => subnetRole(subnet, subnet.address) === undefined)
    .chain((subnet) => {
      const linkLocal = fc.constant(fromBytes([0xfe, 0x80, ...Array(13).fill(0), 1]));
      const gateway = family === 4 ? hostWithin(subnet) : fc.oneof(hostWithin(subnet), linkLocal);
      return maybe(gateway).map((chosen) => withoutUndefined({ cidr: subnet, gateway: chosen }));
    });
}

/** Where a router with this address can send a connection. */
function reachableFrom({ cidr: subnet, gateway }: ReservedAddress): fc.Arbitrary<IpAddress> {
  const anywhere = hostOf(subnet.address.family).filter((host) => isOtherHost(subnet, host));
  return gateway === undefined ? hostWithin(subnet) : fc.oneof(anywhere, hostWithin(subnet));
}

const timeout = fc.integer({ min: 1, max: LONGEST_CONNECTION_TIMEOUT });

const options: fc.Arbitrary<RouterOptions> = fc
  .record(
    {
      healthPort: fc.oneof(fc.constant(9180), port),
      routingTable: fc.integer({ min: 1, max: 251 }),
      counters: fc.boolean(),
      liveRules: fc.boolean(),
      announcements: fc.integer({ min: 1, max: 10 }),
      arpFramesPerSecond: fc.integer({ min: 1, max: 10 }),
      detectConflicts: fc.boolean(),
      conflictWait: fc.integer({ min: 0, max: 120 }),
      connectionsPerClient: maybe(fc.integer({ min: 1, max: 4000 })),
      connectionTimeouts: fc.record(
        {
          tcpEstablished: timeout,
          tcpHalfClosed: fc.oneof(fc.constant(DEFAULT_CONNECTION_TIMEOUTS.tcpHalfClosed), timeout),
          udp: timeout,
          udpStream: timeout,
          sctpEstablished: timeout,
        },
        PLAIN,
      ),
      primaryInterface: maybe(fc.constantFrom('eth0', 'ovn-udn1')),
      logFile: maybe(fc.constantFrom('/tmp/egress-router-log', '/ ', '/ü')),
      logLevel: fc.constantFrom(...LOG_LEVELS),
    },
    PLAIN,
  )
  .map(withoutUndefined);

function configOf(addresses: readonly ReservedAddress[]): fc.Arbitrary<NetworkConfig> {
  const rule = fc
    .constantFrom(...addresses)
    .chain((from) =>
      fc.record(
        { protocol: fc.constantFrom(...PROTOCOLS), port, destination: reachableFrom(from), targetPort: port },
        PLAIN,
      ),
    );
  return fc
    .record(
      {
        cniVersion: fc.constantFrom(...CNI_VERSIONS),
        name: fc.stringMatching(/^[a-z0-9][\w.-]{0,20}$/),
        type: fc.stringMatching(/^[a-z0-9][\w.-]{0,20}$/),
        podNamespace: maybe(fc.constantFrom('egress', '0-9')),
        macvlan: fc
          .record(
            {
              mode: fc.constantFrom(...MACVLAN_MODES),
              master: maybe(fc.constantFrom('eth1', 'bond0.12')),
              mtu: maybe(fc.integer({ min: 1280, max: 65535 })),
            },
            PLAIN,
          )
          .map(withoutUndefined),
        addresses: fc.constant(addresses),
        rules: fc.uniqueArray(
          fc.oneof(
            rule,
            rule.map((same) => ({ ...same, targetPort: same.port })),
          ),
          {
            maxLength: 8,
            selector: ({ protocol, port: number, destination }) => `${protocol} ${number} ${destination.family}`,
          },
        ),
        fallbacks: fc
          .tuple(...addresses.map((from) => maybe(reachableFrom(from))))
          .map((list) => list.filter((fallback) => fallback !== undefined)),
        macAddress: fc.constantFrom(
          deriveMacAddress(addresses.map(({ cidr: { address } }) => address)),
          '02:00:5e:10:00:01',
        ),
        options,
      },
      PLAIN,
    )
    .chain((config) =>
      fc.tuple(hostsOf(addresses), maybe(resolverOf(addresses))).map(([hosts, resolver]) => {
        const rules = [...config.rules, ...hostRules(hosts)];
        return resolver === undefined || !config.options.liveRules
          ? { ...config, rules, hosts: hosts.filter((host) => host.addresses.length > 0) }
          : { ...config, rules, hosts, resolver };
      }),
    )
    .map(withoutUndefined)
    .filter(({ rules, hosts, fallbacks }) => rules.length + hosts.length + fallbacks.length > 0)
    .filter((config) => {
      const ports = portsOf(config, addresses);
      return new Set(ports).size === ports.length && !ports.some(isHealthPort(config.options.healthPort));
    });
}

/** Ports with their protocols and families, of rules and of hosts whose addresses DNS says. */
function portsOf({ rules, hosts }: Pick<NetworkConfig, 'rules' | 'hosts'>, addresses: readonly ReservedAddress[]) {
  const resolved = hosts.filter((host) => host.addresses.length === 0).flatMap((host) => host.ports);
  return [
    ...rules.map((rule) => `${rule.protocol} ${rule.port} ${rule.destination.family}`),
    ...resolved.flatMap(({ protocol, routerPort }) =>
      addresses.map(({ cidr: { address } }) => `${protocol} ${routerPort} ${address.family}`),
    ),
  ];
}

const isHealthPort = (healthPort: number | undefined) => (text: string) => text.startsWith(`TCP ${healthPort} `);

/** Resolvers of the node's servers, of given ones, and from either address. */
function resolverOf(addresses: readonly ReservedAddress[]): fc.Arbitrary<NameResolver> {
  const clusterCidrs = fc.subarray(CLUSTER, { minLength: 1 });
  const isApart = (server: IpAddress) => !CLUSTER.some((range) => contains(range, server));
  const server = fc.oneof(...addresses.map(reachableFrom)).filter(isApart);
  const servers = fc.uniqueArray(server, { minLength: 1, maxLength: 3, selector: ({ text }) => text });
  const rest = { clusterCidrs, unresolvedIsUnready: fc.boolean() };
  return fc.oneof(
    fc.record({ source: fc.constant('pod' as const), ...rest }, PLAIN),
    fc.record({ servers, source: fc.constantFrom(...RESOLVER_SOURCES), ...rest }, PLAIN),
  );
}

const CLUSTER = ['10.244.0.0/16', '10.96.0.0/12', 'fd00:10:96::/112'].map((text) => parseCidr(text) as Cidr);
/** Where partners are. */
const PARTNERS = ['198.51.100.0/24', '203.0.113.26/32', '2001:db8::/32'].map((text) => parseCidr(text) as Cidr);

/** Hosts with addresses of the families of the router, and some without. */
function hostsOf(addresses: readonly ReservedAddress[]): fc.Arbitrary<Host[]> {
  const ports = fc.array(fc.record({ routerPort: port, protocol: fc.constantFrom(...PROTOCOLS), port }, PLAIN), {
    minLength: 1,
    maxLength: 3,
  });
  const host = fc.record(
    {
      name: fc.stringMatching(/^[a-z0-9](-{0,2}[a-z0-9]){0,4}\.[a-z]{2,5}$/),
      ports,
      addresses: fc
        .shuffledSubarray([...addresses], { minLength: 1 })
        .chain((some) => fc.tuple(...some.map(reachableFrom))),
    },
    PLAIN,
  );
  const ofFamilies = PARTNERS.filter(({ address }) =>
    addresses.some(({ cidr: { address: own } }) => own.family === address.family),
  );
  const resolved = fc
    .record({ host, allowedCidrs: maybe(fc.subarray(ofFamilies, { minLength: 1 })) }, PLAIN)
    .map((each) => withoutUndefined({ ...each.host, addresses: [], allowedCidrs: each.allowedCidrs }));
  return fc.uniqueArray(fc.oneof<fc.Arbitrary<Host>[]>(host, resolved), { maxLength: 3, selector: ({ name }) => name });
}

/** Any configuration that the plugin accepts, of one family or both, in either order. */
export const networkConfig: fc.Arbitrary<NetworkConfig> = fc
  .constantFrom<Family[]>([4], [6], [4, 6], [6, 4])
  .chain((families) => fc.tuple(...families.map(reservedOf)))
  .chain(configOf);
