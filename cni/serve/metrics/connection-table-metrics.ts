import { Gauge, type Registry } from 'prom-client';
import { KernelSettingError, readSetting } from '../../data-plane/kernel-setting';

/**
 * How full the kernel's table of connections is. The count is the pod's own; the limit holds for each network
 * namespace, and can be set on the node alone. Both are readable by anybody.
 *
 * @see https://docs.kernel.org/networking/nf_conntrack-sysctl.html
 */
export function registerConnectionTableMetrics(registry: Registry): void {
  gauge('egress_router_conntrack_entries', "Entries in the pod's connection table.", 'nf_conntrack_count');
  gauge(
    'egress_router_conntrack_entries_limit',
    'Most entries of the connection table; beyond it, new connections are dropped.',
    'nf_conntrack_max',
  );

  function gauge(name: string, help: string, setting: string): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = readIfPossible(`net/netfilter/${setting}`);
        // Nothing is known, which is not zero.
        if (value === undefined) this.remove();
        else this.set(Number(value));
      },
    });
  }
}

/** Nothing where the kernel has no conntrack, or /proc is hidden: the other metrics are worth having without. */
function readIfPossible(path: string): string | undefined {
  try {
    return readSetting(path);
  } catch (error) {
    if (error instanceof KernelSettingError) return undefined;
    throw error;
  }
}
