import { readdirSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';
import { systemFailure } from '../system-failure';

/**
 * Prometheus' standard process metrics. Not by `collectDefaultMetrics`, which also watches the event loop, with a timer
 * that wakes the process a hundred times a second, and exports internals of another runtime.
 *
 * @see https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  const startTime = Date.now() / 1000 - process.uptime();
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => startTime);
  gauge('process_open_fds', 'Number of open file descriptors.', () => readdirSync('/proc/self/fd').length);

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const current = unlessRefused(value);
        // Unknown is not zero.
        if (current === undefined) this.remove();
        else this.set(current);
      },
    });
  }
}

/** Nothing where the system refuses, such as without a free file descriptor: the other metrics are still useful. */
function unlessRefused(value: () => number): number | undefined {
  try {
    return value();
  } catch (error) {
    if (systemFailure(error) === undefined) throw error;
    return undefined;
  }
}
