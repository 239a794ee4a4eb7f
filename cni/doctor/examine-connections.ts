import { HEALTH_CONNECTIONS } from '../../src/domain/data-plane/health-sets';
import { singleRules } from '../../src/domain/data-plane/marked-rules';
import { findBusiestClient } from '../data-plane/busiest-client';
import { findClientsAtLimit, findSourcesAtLimit } from '../data-plane/clients-at-limit';
import { readSetting } from '../data-plane/kernel-setting';
import { limitDrops } from '../data-plane/limit-drops';
import { ANY_PORT, type PortsInUse, readPortsInUse, SOURCE_PORTS } from '../data-plane/source-ports';
import { listAddresses } from '../netlink/route/address';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { type Examination, found, PARTS, unseen } from './examination';
import type { TableInForce } from './examine-table';
import { shellCommand } from './shell-command';
import type { Subject } from './subject';

/** From this share on, some new connections fail. */
const NEARLY_ALL = 0.95;

/** Whether the pod's connection table is full. */
export function examineConnectionTable({ pod }: Subject): Examination {
  const [count, limit] = pod.run(() =>
    ['nf_conntrack_count', 'nf_conntrack_max'].map((name) => Number(readSetting(`net/netfilter/${name}`) ?? 0)),
  ) as [number, number];
  if (limit === 0 || count < limit * NEARLY_ALL) return found();
  return found({
    id: 'connections-exhausted',
    problem: `The pod's connection table has ${count} of at most ${limit} entries.`,
    explanation:
      "The kernel drops new connections. Clients open connections faster than entries expire, or the node's limit is too low.",
    commands: [shellCommand`sysctl net.netfilter.nf_conntrack_max   # on the node`, shellCommand`conntrack -S`],
  });
}

/** Whether the source ports towards a destination are used up. */
export function examineSourcePorts({ pod }: Subject, inForce: TableInForce | undefined): Examination {
  if (inForce === undefined) return unseen(PARTS.ports, 'NET_ADMIN');
  const { marked } = inForce;
  const destinations = [
    ...singleRules(marked).map(({ rule }) => ({
      protocol: rule.protocol.toLowerCase(),
      destination: rule.destination.text,
      destinationPort: String(rule.targetPort),
    })),
    ...marked.fallbacks.map(({ address }) => ({ ...ANY_PORT, destination: address.text })),
  ];
  using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open a conntrack socket'));
  const full = readPortsInUse(socket, destinations).filter(
    ({ connections }) => connections >= SOURCE_PORTS * NEARLY_ALL,
  );
  return found(
    ...full.map((ports) => ({
      id: 'ports-exhausted' as const,
      problem: exhaustedPorts(socket, ports),
      explanation:
        'One address has no more ports for one port of one server. A closed TCP connection and a UDP request keep a port for two minutes, the connection of a vanished client for a day (connectionTimeouts). Reuse connections in clients, shorten these times, or add a second router with its own address. connectionsPerClient limits one client.',
      commands: [shellCommand`conntrack -L --reply-src ${ports.destination}   # in the pod's network namespace`],
    })),
  );
}

/** Most clients to name. */
const NAMED = 5;

/** Whether clients are at the limit of `connectionsPerClient`, and lose connections by it. */
export function examineLimit({ pod, config }: Subject, inForce: TableInForce | undefined): Examination {
  const { connectionsPerClient: limit } = config.options;
  const drops = limitDrops(inForce?.table?.rules ?? []).find((each) => each.limit === 'connections_per_client');
  // Without a drop no client misses a connection, and the list of connections costs time.
  if (limit === undefined || drops === undefined || drops.packets === 0) return found();
  using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open a conntrack socket'));
  const clients = findClientsAtLimit(socket, limit);
  if (clients.length === 0) return found();
  return found({
    id: 'client-limited',
    problem: `Clients have as many connections as connectionsPerClient (${limit}) admits; ${drops.packets} packets that would begin further ones were dropped since the table was made.`,
    details: clients
      .slice(0, NAMED)
      .map(({ address, service, connections }) => `${address}: ${connections} connections to ${service}`),
    explanation:
      'A further connection of such a client opens when another one has ended. The client leaks connections, several clients share its address, or the limit is too low.',
    commands: [
      shellCommand`nft list set inet egress_router clients4   # in the pod's network namespace; clients6 for IPv6`,
    ],
  });
}

/** Whether sources are at the limit of connections to the health port, where kubelets and Prometheus connect. */
export function examineHealthLimit({ pod, config }: Subject, inForce: TableInForce | undefined): Examination {
  const { healthPort } = config.options;
  const drops = limitDrops(inForce?.table?.rules ?? []).find((each) => each.limit === 'health_port');
  if (healthPort === undefined || drops === undefined || drops.packets === 0) return found();
  using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open a conntrack socket'));
  const own = listAddresses(pod.route).map(({ cidr }) => cidr.address);
  const sources = findSourcesAtLimit(socket, healthPort, HEALTH_CONNECTIONS, own);
  if (sources.length === 0) return found();
  return found({
    id: 'health-limited',
    problem: `Sources have as many connections to the health port ${healthPort} as one address may have (${HEALTH_CONNECTIONS}); ${drops.packets} packets that would begin further ones were dropped since the table was made.`,
    details: sources.slice(0, NAMED).map(({ address, connections }) => `${address}: ${connections} connections`),
    explanation:
      'Its further connections get no answer, which fails probes if it is the address of the node, and scrapes if it is that of Prometheus. A client keeps its connections open, or something in front of the pod gives many clients one address.',
    commands: [
      shellCommand`nft list set inet egress_router health4   # in the pod's network namespace; health6 for IPv6`,
    ],
  });
}

function exhaustedPorts(socket: NetlinkSocket, ports: PortsInUse): string {
  const { protocol, destination, destinationPort, connections } = ports;
  const inUse = `${connections} of ${SOURCE_PORTS} source ports towards ${destination} ${protocol} ${destinationPort} are in use`;
  const client = findBusiestClient(socket, ports);
  return client === undefined
    ? `${inUse}.`
    : `${inUse}, ${client.connections} of them by the client ${client.address}.`;
}
