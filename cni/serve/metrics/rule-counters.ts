import { TABLE_NAME } from '../../../src/domain/data-plane/router-table';
import { marksMap, redirectMap } from '../../../src/domain/data-plane/rule-elements';
import { targetsMap } from '../../../src/domain/data-plane/spread-elements';
import { type Family, fromBytes } from '../../../src/domain/values/ip-address';
import { AddressTextCache } from '../../data-plane/address-text-cache';
import { ANY_PORT, type Destination } from '../../data-plane/source-ports';
import { ENOENT } from '../../ffi/errno';
import { hasErrno } from '../../netlink/netlink-error';
import { decodeNftRule, listNftRules, nftRuleValues } from '../../netlink/nftables/observed-rule';
import { type CountedElement, portOf, protocolOf, readElements } from '../../netlink/nftables/set-counters';
import type { NetlinkSocket } from '../../netlink/socket';

/** Identifies a rule by labels. */
export interface RuleName extends Destination {
  readonly port: string;
}

export interface Traffic {
  packets: number;
  bytes: number;
}

/** The traffic of a rule since the kernel has it. */
export interface RuleCounters extends RuleName {
  /** Not counted for a fallback. */
  readonly connections?: number;
  readonly sent: Traffic;
  readonly received: Traffic;
}

/**
 * Reads the rules in force and their counters from the kernel's table, even if another program changed it.
 *
 * @throws NetlinkError if the table cannot be read
 * @throws RangeError if its maps have no counters
 */
export function readRuleCounters(socket: NetlinkSocket): RuleCounters[] {
  const sent = readTraffic(socket, 'sent');
  const received = readTraffic(socket, 'received');
  const none = { packets: 0, bytes: 0 };
  const trafficOf: TrafficOf = (mark) => ({
    sent: sent.get(mark) ?? none,
    received: received.get(mark) ?? none,
  });
  return [
    ...FAMILIES.flatMap((family) => readRules(socket, family, trafficOf)),
    ...FAMILIES.flatMap((family) => readTargets(socket, family, trafficOf)),
    ...readFallbacks(socket).map(({ mark, destination }) => ({ ...ANY_PORT, destination, ...trafficOf(mark) })),
  ];
}

const FAMILIES: readonly Family[] = [4, 6];

function readTraffic(socket: NetlinkSocket, set: 'sent' | 'received'): Map<number, Traffic> {
  return readElements(
    socket,
    TABLE_NAME,
    set,
    () => new Map<number, Traffic>(),
    (traffic, { mark, packets, bytes }) => traffic.set(mark, { packets: counted(packets), bytes: counted(bytes) }),
  );
}

type TrafficOf = (mark: number) => Pick<RuleCounters, 'sent' | 'received'>;

function readRules(socket: NetlinkSocket, family: Family, trafficOf: TrafficOf): readonly RuleCounters[] {
  return ofFamily(() => {
    const marks = readMarks(socket, family);
    return readDestinations(socket, family, redirectMap(family), (element) => {
      const key = element.portKey;
      return { key, ...trafficOf(marks.get(key) ?? 0) };
    });
  });
}

/**
 * The destinations of resolved hosts, each as a rule of its port, also those with open connections alone. A sum over
 * them would fall when one of them goes, which Prometheus takes for a restart.
 */
function readTargets(socket: NetlinkSocket, family: Family, trafficOf: TrafficOf): readonly RuleCounters[] {
  return ofFamily(() =>
    readDestinations(socket, family, targetsMap(family), (element) => ({
      key: element.portOfMarkedKey,
      ...trafficOf(element.markOfMarkedKey),
    })),
  );
}

/** @param readKey the port of an element, and the traffic of its mark */
function readDestinations(
  socket: NetlinkSocket,
  family: Family,
  map: string,
  readKey: (element: CountedElement) => Pick<RuleCounters, 'sent' | 'received'> & { readonly key: number },
): readonly RuleCounters[] {
  const length = family === 4 ? 4 : 16;
  const texts = new AddressTextCache();
  return readElements(
    socket,
    TABLE_NAME,
    map,
    (): RuleCounters[] => [],
    (rules, element) => {
      const { key, sent, received } = readKey(element);
      rules.push({
        protocol: protocolOf(key)?.toLowerCase() ?? '',
        port: String(portOf(key)),
        destination: texts.of(element.address(length)),
        destinationPort: String(element.targetPort(length)),
        connections: counted(element.packets),
        sent,
        received,
      });
    },
  );
}

function readMarks(socket: NetlinkSocket, family: Family): Map<number, number> {
  return readElements(
    socket,
    TABLE_NAME,
    marksMap(family),
    () => new Map<number, number>(),
    (marks, { portKey, markValue }) => marks.set(portKey, markValue),
  );
}

/** A rule that writes a mark and an address is a fallback; see `routerTable`. */
function readFallbacks(socket: NetlinkSocket): { mark: number; destination: string }[] {
  return socket.dump(listNftRules(TABLE_NAME)).flatMap((message) => {
    const rule = decodeNftRule(message);
    const [mark, address] = rule.chain === 'prerouting' ? nftRuleValues(rule) : [];
    if (mark === undefined || address === undefined) return [];
    return [{ mark: mark.u32(), destination: fromBytes([...address.bytes]).text }];
  });
}

/** A router has the maps of its own families only. */
function ofFamily<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (hasErrno(error, ENOENT)) return [];
    throw error;
  }
}

function counted(value: number | undefined): number {
  if (value === undefined) throw new RangeError(`table inet ${TABLE_NAME} was made without counters`);
  return value;
}
