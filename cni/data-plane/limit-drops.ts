import { clientSet } from '../../src/domain/data-plane/client-sets';
import { healthSet } from '../../src/domain/data-plane/health-sets';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { limitCounter } from '../netlink/nftables/limit-counter';
import { decodeNftRule, listNftRules, type ObservedNftRule } from '../netlink/nftables/observed-rule';
import type { NetlinkSocket } from '../netlink/socket';

/** A limit of connections in the router's table: of a client to a service, and of a source to the health port. */
export type Limit = 'connections_per_client' | 'health_port';

/**
 * Packets that a limit has dropped since the kernel has its rule. Each is the first one of a connection, or a repeat.
 */
export interface LimitDrops {
  readonly limit: Limit;
  readonly packets: number;
}

const SETS: Readonly<Record<Limit, readonly string[]>> = {
  connections_per_client: [clientSet(4), clientSet(6)],
  health_port: [healthSet(4), healthSet(6)],
};

/** The drops of each limit of the table, over both families; nothing about a limit that it does not have. */
export function limitDrops(rules: readonly ObservedNftRule[]): LimitDrops[] {
  const counters = rules.flatMap((rule) => limitCounter(rule) ?? []);
  return (Object.keys(SETS) as Limit[]).flatMap((limit) => {
    const own = counters.filter(({ set }) => SETS[limit].includes(set));
    return own.length === 0 ? [] : [{ limit, packets: own.reduce((sum, { packets }) => sum + packets, 0) }];
  });
}

/**
 * Reads them from the kernel.
 *
 * @throws NetlinkError if the rules cannot be read
 * @throws RangeError if there are none: a missing table is listed as an empty one
 */
export function readLimitDrops(socket: NetlinkSocket): LimitDrops[] {
  const rules = socket.dump(listNftRules(TABLE_NAME)).map(decodeNftRule);
  if (rules.length === 0) throw new RangeError(`table inet ${TABLE_NAME} has no rules`);
  return limitDrops(rules);
}
