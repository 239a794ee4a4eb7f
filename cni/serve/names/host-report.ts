import { addTo } from '../../../src/domain/input/collections';
import { type NameResolution, resolutionOf } from '../../../src/domain/names/name-resolution';
import type { NameState } from '../../../src/domain/names/name-state';
import { reasonOf } from '../../../src/domain/names/name-text';
import type { ServeLog } from '../serve-log';
import { LineBudget } from './line-budget';
import type { WatchedAddresses } from './name-watch';

/** A host with the states of its families. */
export interface ReportedHost {
  readonly name: string;
  readonly kind: NameResolution['kind'];
  readonly states: readonly NameState[];
}

/** The hosts, each with what is known of its families. */
export function hostsOf(names: Iterable<WatchedAddresses>): ReportedHost[] {
  const states = new Map<string, NameState[]>();
  for (const { name, state } of names) addTo(states, name, state);
  return [...states].map(([name, of]) => ({ name, kind: resolutionOf(of).kind, states: of }));
}

/** Logs when a host begins to fail, and when it resolves again. */
export class HostReport {
  /** The hosts whose failure was logged. */
  private failing = new Set<string>();
  private readonly budget = new LineBudget();

  public constructor(private readonly log: Pick<ServeLog, 'info' | 'warn'>) {}

  /** @returns the hosts as they are now */
  public update(names: Iterable<WatchedAddresses>): ReportedHost[] {
    const hosts = hostsOf(names);
    const failing = new Set<string>();
    for (const host of hosts) if (this.isFailing(host)) failing.add(host.name);
    this.failing = failing;
    return hosts;
  }

  private isFailing({ name, kind, states }: ReportedHost): boolean {
    const wasFailing = this.failing.has(name);
    // A question was asked and has not failed.
    if (kind !== 'resolved' && !states.some(({ failures }) => failures > 0)) return wasFailing;
    if (kind === 'resolved') {
      if (wasFailing) this.line('info', 'host resolves again', { host: name });
      return false;
    }
    if (!wasFailing) {
      const effect = kind === 'never' ? 'connections are refused' : 'its last addresses stay';
      this.line('warn', 'host does not resolve', { host: name, reason: reasonOf(states), effect });
    }
    return true;
  }

  private line(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>>): void {
    const leftOut = this.budget.take();
    if (leftOut === undefined) return;
    this.log[level](message, leftOut === 0 ? fields : { ...fields, leftOut });
  }
}
