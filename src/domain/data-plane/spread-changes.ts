import { ruleKey } from '../router/redirect-table';
import { isSameHost } from './name-in-table';
import { emptySpread, type PortSpread, type WantedSpread, withAddresses, withoutEnded } from './port-spread';

/** The change from the spreads in force to the wanted ones. */
export interface SpreadChanges {
  /** Those in force after the change, in the wanted order. */
  readonly after: readonly PortSpread[];
  /** Those that go or change, as they were. */
  readonly removed: readonly PortSpread[];
  /** Those that come or change, as they become. */
  readonly added: readonly PortSpread[];
  /** Those among them that had no destinations before, or did not exist. */
  readonly newPorts: readonly PortSpread[];
  /** How many come, go, or lead to another host or port: not those whose host has other addresses. */
  readonly count: number;
}

/** What a change needs besides the spreads. */
export interface SpreadStep {
  /** Gives a free mark. */
  readonly nextMark: () => number;
  /** Marks of retired destinations whose last connection has ended. */
  readonly ended: ReadonlySet<number>;
}

/** Computes the change of the spreads. */
export function spreadChanges(
  inForce: readonly PortSpread[],
  wanted: readonly WantedSpread[],
  step: SpreadStep,
): SpreadChanges {
  const earlier = new Map(inForce.map((each) => [spreadKey(each), each]));
  const pairs = wanted.map((want) => {
    const was = earlier.get(spreadKey(want));
    return { was, now: spreadAfter(was, want, step), isSame: was !== undefined && isSamePort(was, want) };
  });
  for (const want of wanted) earlier.delete(spreadKey(want));
  const changed = pairs.filter(({ was, now }) => was === undefined || !hasSameElements(was, now));
  return {
    after: pairs.map(({ now }) => now),
    removed: [...changed.flatMap(({ was }) => was ?? []), ...earlier.values()],
    added: changed.map(({ now }) => now),
    newPorts: changed.filter(({ was }) => was === undefined || was.targets.length === 0).map(({ now }) => now),
    count: pairs.filter(({ isSame }) => !isSame).length + earlier.size,
  };
}

function spreadAfter(was: PortSpread | undefined, want: WantedSpread, { nextMark, ended }: SpreadStep): PortSpread {
  const kept = was !== undefined && isSamePort(was, want) ? named(was, want) : emptySpread(want);
  const moved = want.addresses === undefined ? kept : withAddresses(kept, want.addresses, nextMark);
  return withoutEnded(moved, ended);
}

/** Two spreads are of one port if they share this key: port, protocol and address family. */
export function spreadKey({ protocol, port, family }: Pick<PortSpread, 'protocol' | 'port' | 'family'>): number {
  return ruleKey({ protocol, port, destination: { family } });
}

/**
 * Whether the addresses of a port are still its own. Those of a port without a name are not: they may be another
 * host's. The kernel has the partner's port with each destination, so that a port without destinations may have any.
 */
function isSamePort({ host, targetPort }: PortSpread, want: WantedSpread): boolean {
  return isSameHost(host, want.host) && (targetPort === 0 || targetPort === want.targetPort);
}

function named(was: PortSpread, { host, targetPort }: WantedSpread): PortSpread {
  return was.host === host && was.targetPort === targetPort ? was : { ...was, host, targetPort };
}

function hasSameElements(was: PortSpread, now: PortSpread): boolean {
  const isSame = (old: PortSpread['targets'], other: PortSpread['targets']) =>
    old === other || (old.length === 0 && other.length === 0);
  return isSameHost(was.host, now.host) && isSame(was.targets, now.targets) && isSame(was.retired, now.retired);
}
