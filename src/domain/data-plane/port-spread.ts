import { spread } from '../names/spread';
import type { Host } from '../router/host';
import { resolvedHosts } from '../router/name-resolver';
import type { NetworkConfig } from '../router/network-config';
import type { HostName } from '../values/host-name';
import type { Family, IpAddress } from '../values/ip-address';
import type { Protocol } from '../values/protocol';

/** A destination with the mark of its connections, never 0. */
export interface SpreadTarget {
  readonly address: IpAddress;
  readonly mark: number;
}

/** A port of the router whose clients are spread over several destinations, all of one family. */
export interface PortSpread {
  readonly protocol: Protocol;
  readonly port: number;
  readonly family: Family;
  /** 0 where it is not known: the kernel's table has it with each destination. */
  readonly targetPort: number;
  /**
   * The host that the port stands for: its name, or what the kernel's table has for it (`nameInTable`). Absent in a
   * table of a plugin that did not name it.
   */
  readonly host?: HostName;
  /** Those that new connections get: none of a host without an address, which is refused. */
  readonly targets: readonly SpreadTarget[];
  /** Those that left, from the oldest to the newest: their open connections go on, and new ones do not begin. */
  readonly retired: readonly SpreadTarget[];
}

/** What a port of a resolved host shall be. */
export interface WantedSpread extends Pick<PortSpread, 'protocol' | 'port' | 'family' | 'targetPort' | 'host'> {
  /** Absent: those that it has. */
  readonly addresses?: readonly IpAddress[];
}

/** The addresses of a host, of one family; nothing where those in force stay. */
export type AddressesOf = (host: Host, family: Family) => readonly IpAddress[] | undefined;

/** The ports of the hosts that the router resolves itself, of each family of the router. */
export function wantedSpreads(
  config: Pick<NetworkConfig, 'hosts' | 'addresses' | 'resolver'>,
  addressesOf: AddressesOf = () => undefined,
): WantedSpread[] {
  return resolvedHosts(config).flatMap((host) =>
    config.addresses.flatMap(({ cidr: { address } }) => {
      const { family } = address;
      const known = addressesOf(host, family);
      return host.ports.map(({ protocol, routerPort: port, port: targetPort }) => ({
        protocol,
        port,
        family,
        targetPort,
        host: host.name,
        ...(known === undefined ? {} : { addresses: known }),
      }));
    }),
  );
}

/** A spread without destinations. */
export function emptySpread({ protocol, port, family, targetPort, host }: WantedSpread): PortSpread {
  return { protocol, port, family, targetPort, host, targets: [], retired: [] };
}

/** A port keeps at most this many destinations that left; the oldest one is cut then. */
export const MOST_RETIRED = 64;

/**
 * The spread with other addresses, of which those count that clients fall to. An address keeps its mark, also one that
 * comes back while connections of it are open. One that leaves is retired; of UDP it is cut, so that its flows move:
 * they have no end of their own. Marks that the result lacks are those of cut addresses.
 *
 * @param nextMark gives a free mark
 */
export function withAddresses(before: PortSpread, addresses: readonly IpAddress[], nextMark: () => number): PortSpread {
  const used = new Map(spread(addresses).map((address) => [address.text, address]));
  const isSame = used.size === before.targets.length && before.targets.every(({ address }) => used.has(address.text));
  if (isSame) return before;
  const known = new Map([...before.retired, ...before.targets].map((target) => [target.address.text, target]));
  const targets = [...used.values()].map((address) => known.get(address.text) ?? { address, mark: nextMark() });
  const left = [...before.retired, ...before.targets].filter(({ address }) => !used.has(address.text));
  const retired = before.protocol === 'UDP' ? [] : left.slice(-MOST_RETIRED);
  return { ...before, targets, retired };
}

/** The spread without retired destinations whose last connection has ended. @param ended their marks */
export function withoutEnded(before: PortSpread, ended: ReadonlySet<number>): PortSpread {
  const retired = before.retired.filter(({ mark }) => !ended.has(mark));
  return retired.length === before.retired.length ? before : { ...before, retired };
}

/** Those whose packets pass. */
export function admittedTargets({ targets, retired }: PortSpread): readonly SpreadTarget[] {
  return retired.length === 0 ? targets : [...targets, ...retired];
}

/** Every mark of a spread whose packets pass. */
export function marksOfSpread(each: PortSpread): number[] {
  return admittedTargets(each).map(({ mark }) => mark);
}
