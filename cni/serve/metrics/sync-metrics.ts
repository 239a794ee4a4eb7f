import { Counter, Gauge, type Registry } from 'prom-client';
import type { SyncFigures } from '../../sync/connection-sync';
import { REFUSAL_REASONS } from '../../sync/sync-refusal';

/** Adds the metrics of the open connections of a pair. @param sync asked for at each scrape */
export function registerSyncMetrics(registry: Registry, sync: () => SyncFigures): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: (figures: SyncFigures) => number | undefined) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const found = value(sync());
        if (found === undefined) this.remove();
        else this.set(found);
      },
    });
  const counter = (name: string, help: string, value: (figures: SyncFigures) => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(value(sync()));
      },
    });
  gauge(
    'egress_router_sync_standbys',
    'Standbys to which this holder sends its open connections.',
    ({ standbys }) => standbys,
  );
  gauge('egress_router_sync_connections', 'Open connections of the holder that this standby knows.', (figures) => {
    return figures.synced;
  });
  gauge(
    'egress_router_sync_lag_seconds',
    'Time since the holder said that this standby knows everything, in seconds; no series in another role or before.',
    ({ lag }) => (lag === undefined ? undefined : lag / 1000),
  );
  counter(
    'egress_router_sync_injected_total',
    'Connections that takeovers of this process gave to the kernel.',
    ({ injected }) => injected,
  );
  counter(
    'egress_router_sync_lost_total',
    'Connections that were known, and that a takeover could not give to the kernel.',
    ({ lost }) => lost,
  );
  counter(
    'egress_router_sync_overflow_total',
    'Connections of the holder for which this standby had no room.',
    ({ overflow }) => overflow,
  );
  counter(
    'egress_router_sync_resynchronizations_total',
    'Lists of all connections that began because the kernel had lost events.',
    ({ resynchronizations }) => resynchronizations,
  );
  new Counter({
    name: 'egress_router_sync_refused_streams_total',
    help: "Connections to the pair's port that were ended, by reason.",
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of REFUSAL_REASONS) this.inc({ reason }, sync().refused[reason]);
    },
  });
}
