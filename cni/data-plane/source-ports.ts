import type { NetlinkSocket } from '../netlink/socket';
import { countConnections, PROTOCOL_WORDS } from './count-connections';

/** A destination: connections to it share one set of source ports, over all rules. */
export interface Destination {
  /** `tcp`, `udp` or `sctp`; `any` for a fallback, which redirects every port. */
  readonly protocol: string;
  readonly destination: string;
  readonly destinationPort: string;
}

/** For a fallback. */
export const ANY_PORT = { protocol: 'any', port: 'any', destinationPort: 'any' } as const;

export interface PortsInUse extends Destination {
  readonly connections: number;
}

/**
 * The number of source ports of one address towards one destination: the range of `snat … fully-random` for a client
 * port of 1024 or more. Clients with low ports get ports from 600 to 1023 or from 1 to 511.
 *
 * @see https://elixir.bootlin.com/linux/latest/source/net/netfilter/nf_nat_core.c
 */
export const SOURCE_PORTS = 65536 - 1024;

/**
 * Counts the source ports of the reserved address in use towards each destination of the rules. A connection uses one
 * until conntrack removes its entry: a closed TCP connection for two more minutes, a vanished client's for a day.
 *
 * A fallback redirects to every port of its destination, each with its own set of source ports. A series for each port
 * would be unbounded, so only the most used one is counted.
 *
 * @throws NetlinkError
 */
export function readPortsInUse(socket: NetlinkSocket, rules: readonly Destination[]): PortsInUse[] {
  const counts = countByDestination(socket);
  const destinations = new Map(rules.map((rule) => [keyOf(rule), rule]));
  const fullest = fullestByAddress(counts, (key) => destinations.has(key));
  return [...destinations.values()].map(({ protocol, destination, destinationPort }) => {
    const rule = { protocol, destination, destinationPort };
    const connections = protocol === ANY_PORT.protocol ? fullest.get(destination) : counts.get(keyOf(rule));
    return { ...rule, connections: connections ?? 0 };
  });
}

/** Such as `tcp 443 203.0.113.26`. */
type Key = string;

function keyOf({ protocol, destination, destinationPort }: Destination): Key {
  return `${protocol} ${destinationPort} ${destination}`;
}

function countByDestination(socket: NetlinkSocket): Map<Key, number> {
  return countConnections(socket, (connection, texts) => {
    const protocol = PROTOCOL_WORDS.get(connection.protocol);
    if (protocol === undefined) return undefined;
    return `${protocol} ${connection.remotePort} ${texts.of(connection.remoteAddress)}`;
  });
}

/** The largest number for each address, over keys without a rule. */
function fullestByAddress(counts: ReadonlyMap<Key, number>, isRule: (key: Key) => boolean): Map<string, number> {
  const fullest = new Map<string, number>();
  for (const [key, count] of counts) {
    if (isRule(key)) continue;
    const address = key.slice(key.lastIndexOf(' ') + 1);
    fullest.set(address, Math.max(count, fullest.get(address) ?? 0));
  }
  return fullest;
}
