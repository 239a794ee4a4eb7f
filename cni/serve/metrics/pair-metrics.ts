import { Counter, Gauge, type Registry } from 'prom-client';
import type { BeatRefusal } from '../../standby/beat-message';
import type { PairState } from '../../standby/pair-state';
import { ROLE_NAMES } from '../../standby/role';

/** What the metrics say of a pair's pod. */
export interface PairNumbers {
  readonly state: PairState;
  readonly takeovers: number;
  readonly refusals: ReadonlyMap<BeatRefusal, number>;
}

const REFUSALS: readonly BeatRefusal[] = ['forged', 'newer', 'malformed'];

/** Adds the metrics of a pod that shares the address with another one. @param pair asked for at each scrape */
export function registerPairMetrics(registry: Registry, pair: () => PairNumbers): void {
  const registers = [registry];
  new Gauge({
    name: 'egress_router_pair_role',
    help: 'What the pod is: 1 for its role, 0 for the others.',
    labelNames: ['role'],
    registers,
    collect() {
      const { name } = pair().state.role;
      for (const role of ROLE_NAMES) this.set({ role }, role === name ? 1 : 0);
    },
  });
  new Gauge({
    name: 'egress_router_pair_epoch',
    help: 'The highest epoch that the pod knows: each takeover begins one.',
    registers,
    collect() {
      this.set(pair().state.epoch);
    },
  });
  new Gauge({
    name: 'egress_router_pair_peer_silence_seconds',
    help: 'Time since a heartbeat of another pod, in seconds; no series before the first.',
    registers,
    collect() {
      const heardAt = Math.max(...pair().state.pods.map((pod) => pod.heardAt));
      if (Number.isFinite(heardAt)) this.set((performance.now() - heardAt) / 1000);
      else this.remove();
    },
  });
  new Counter({
    name: 'egress_router_pair_takeovers_total',
    help: 'Number of times this process has taken the address.',
    registers,
    collect() {
      this.reset();
      this.inc(pair().takeovers);
    },
  });
  new Counter({
    name: 'egress_router_pair_refused_beats_total',
    help: 'Heartbeats that were refused, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const reason of REFUSALS) this.inc({ reason }, pair().refusals.get(reason) ?? 0);
    },
  });
}
