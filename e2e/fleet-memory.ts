import { readFileSync } from 'node:fs';
import type { Environment } from './environment';
import type { PluginMemory } from './plugin-memory';
import { type RouterMemory, routerMemories } from './router-memory';

const STORY = 'fleet';

/**
 * kubelet's statistics of a node's pods, by the API server. @see
 * https://kubernetes.io/docs/reference/instrumentation/node-metrics/
 */
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string };
    readonly memory?: { readonly workingSetBytes?: number; readonly rssBytes?: number };
  }[];
}

/** Records the memory of running routers on their nodes. */
export function reportRouters(environment: Environment, namespaces: readonly string[]): void {
  const routers = environment.cluster.workers.flatMap(({ machine }) => routerMemories(machine.cgroup));
  const parts = { serve: 'serve', sandbox: "the sandbox's pause process", shim: 'containerd-shim' } as const;
  for (const [part, name] of Object.entries(parts) as [keyof RouterMemory, string][]) {
    const medianOf = (kind: keyof RouterMemory['serve']) => median(routers.map((router) => router[part][kind]));
    environment.measurements.add(
      STORY,
      `${name}: proportional, of that its own, and resident; medians of ${routers.length}`,
      [medianOf('proportional'), medianOf('own'), medianOf('resident')].map(mebibytes).join(', '),
    );
  }
  const whole = routers.map(
    ({ serve, sandbox, shim }) => serve.proportional + sandbox.proportional + shim.proportional,
  );
  environment.measurements.add(STORY, 'a router: all of these, proportional', mebibytes(median(whole)));
  const pods = environment.cluster.workers.flatMap(({ name }) => podsOf(environment, name, namespaces));
  const seen = (field: 'workingSetBytes' | 'rssBytes') => median(pods.map((pod) => pod[field] ?? 0)) / 1024;
  environment.measurements.add(
    STORY,
    `what kubelet says of a router's pod: working set and RSS; medians of ${pods.length}`,
    [seen('workingSetBytes'), seen('rssBytes')].map(mebibytes).join(', '),
  );
}

function podsOf({ kubectl }: Environment, node: string, namespaces: readonly string[]) {
  const path = `/api/v1/nodes/${node}/proxy/stats/summary?only_cpu_and_memory=true`;
  const { pods } = JSON.parse(kubectl.run(['get', '--raw', path])) as Summary;
  return pods.filter(({ podRef }) => namespaces.includes(podRef.namespace)).map(({ memory }) => memory ?? {});
}

/** Records the memory of the plugin while they started. */
export function reportPlugin({ measurements }: Environment, { peaks, atOnce, together }: PluginMemory): void {
  const [low, middle, high] = [Math.min(...peaks), median(peaks), Math.max(...peaks)].map(mebibytes);
  measurements.add(STORY, `an ADD's highest resident set; ${peaks.length} were seen`, `${middle} (${low}–${high})`);
  measurements.add(
    STORY,
    'ADDs in one moment on all nodes, and their resident sets',
    `${atOnce}, ${mebibytes(together)}`,
  );
}

/** The machine's available memory, in KiB. */
export function availableMemory(): number {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))![1]);
}

const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;

export const mebibytes = (kibibytes: number) => `${(kibibytes / 1024).toFixed(1)} MiB`;
