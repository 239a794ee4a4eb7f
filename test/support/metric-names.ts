import { CHECK_NAMES } from '../../cni/serve/check-result';
import { Metrics } from '../../cni/serve/metrics/metrics';
import { ServeLog } from '../../cni/serve/serve-log';
import { startState } from '../../cni/standby/pair-state';
import { SyncCounters } from '../../cni/sync/sync-counters';

const PAIR = startState({ name: 'pod-a', session: 1, lan: 'down', epoch: 0, isFenced: false }, 0);

/** Every metric that a router with all its features exports, in the order of `/metrics`. */
export async function exportedMetrics(): Promise<string[]> {
  const metrics = new Metrics({
    version: '0.1.0',
    liveRules: true,
    ruleMetrics: true,
    watchConflicts: true,
    names: () => [],
    pair: () => ({ state: PAIR, takeovers: 0, refusals: new Map() }),
    sync: () => ({ ...new SyncCounters(), standbys: 1, synced: 0, overflow: 0 }),
    log: new ServeLog('db'),
    reader: { rules: () => [], ports: () => [], limits: () => [], onWritten: () => undefined },
  });
  metrics.checked(CHECK_NAMES.map((name) => ({ name })));
  metrics.ruleChange({ outcome: 'success', configHash: 'f00d', changedRules: 1, durationSeconds: 0.01 });
  const text = String(await metrics.text());
  return [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);
}

/** The names of our metrics, and the standard ones of a process, in an expression or any other text. */
export function metricNamesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:egress_router|process)_[a-z_]+\b/g) ?? [])].sort();
}
