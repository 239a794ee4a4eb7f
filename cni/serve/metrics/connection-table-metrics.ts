import { Gauge, type Registry } from 'prom-client';
import { KernelSettingError, readSetting } from '../../data-plane/kernel-setting';

/**
 * The usage of the kernel's connection table. The count is the pod's own; the limit applies to each network namespace,
 * and can only be set on the node. Both are readable without privileges.
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
        // Unknown is not zero.
        if (value === undefined) this.remove();
        else this.set(Number(value));
      },
    });
  }
}

/** Nothing without conntrack in the kernel, or with a hidden /proc: the other metrics are still useful. */
function readIfPossible(path: string): string | undefined {
  try {
    return readSetting(path);
  } catch (error) {
    if (error instanceof KernelSettingError) return undefined;
    throw error;
  }
}
