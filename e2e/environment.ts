import { setTimeout as sleep } from 'node:timers/promises';
import { type Edit, type ExampleRun, runExample } from '../test/support/example';
import type { Cluster } from './cluster/cluster';
import type { Kubectl } from './cluster/kubectl';
import { until } from './cluster/until';
import type { Worker } from './cluster/worker';
import type { Measurements } from './measurements';
import { ScenarioNamespaces } from './scenario-namespaces';

/** The answer of an outside server. */
export interface Answer {
  /** The address that it saw. */
  readonly peer: string;
}

interface PodList {
  readonly items: readonly Pod[];
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The namespaces in the examples' programs, which scenarios replace by their own. */
const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  standalone: ['egress'],
  okd: ['egress'],
  'live-rules': ['exchanges'],
  hosts: ['partners', 'shop'],
};

/** The cluster in which a scenario runs, with common operations. */
export class Environment {
  public readonly until = until;
  private readonly namespaces: ScenarioNamespaces;

  /** @param own the cluster of this run; absent for a user's cluster, whose nodes scenarios must not touch */
  public constructor(
    public readonly kubectl: Kubectl,
    public readonly measurements: Measurements,
    private readonly own?: Cluster,
  ) {
    this.namespaces = new ScenarioNamespaces(kubectl);
  }

  public get hasOwnCluster(): boolean {
    return this.own !== undefined;
  }

  /** @throws an error in a user's cluster: scenarios that need this set `needsOwnCluster` */
  public get cluster(): Cluster {
    if (this.own === undefined) throw new Error('this scenario needs a cluster of its own');
    return this.own;
  }

  /** The nodes' names. */
  public get nodes(): readonly string[] {
    const { items } = this.kubectl.get<{ items: readonly { metadata: { name: string } }[] }>('nodes');
    return items.map(({ metadata }) => metadata.name);
  }

  /** Runs an example with a user's edits, in the scenario's namespaces. @param namespace the first one's name */
  public synthesize(name: string, edits: readonly Edit[] = [], namespace?: string): ExampleRun {
    const renamed = (NAMESPACES[name] ?? []).map((role, index): Edit => {
      const own = (index === 0 ? namespace : undefined) ?? this.namespaces.nameOf(role);
      const [from, to] = [role, own].map((text) => `{ namespace: '${text}' }`) as [string, string];
      return { file: 'main.ts', from, to };
    });
    return runExample(name, [...edits, ...renamed]);
  }

  /** Synthesizes an example and applies it. */
  public applyExample(name: string, edits: readonly Edit[] = []): string {
    const { yaml } = this.synthesize(name, edits);
    this.kubectl.apply(yaml);
    return yaml;
  }

  /** Installs the plugin on every node, by its construct, unless it is installed. */
  public installPlugin(edits: readonly Edit[] = []): void {
    this.applyExample('plugin', edits);
    const names = ['--namespace=egress-router-plugin', 'daemonset/egress-router-plugin'];
    this.kubectl.run(['rollout', 'status', ...names, '--timeout=180s']);
  }

  /** @param role its name in an example, or its purpose @returns its name */
  public makeNamespace(role: string, labels: Readonly<Record<string, string>> = {}): string {
    return this.namespaces.make(role, labels);
  }

  /** The name of a namespace that was made. */
  public namespaceOf(role: string): string {
    return this.namespaces.nameOf(role);
  }

  /** Cleans up after the scenario, even a failed one. */
  public end(): Promise<void> {
    return this.namespaces.end();
  }

  /**
   * Starts a client pod.
   *
   * @param node the node of the pod
   * @param args arguments of its program
   * @param annotations such as those of Multus
   */
  public async startClient(
    namespace: string,
    name: string,
    node: string,
    args: readonly string[] = ['pause'],
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const container = { name: 'client', image: 'localhost/client:1', args };
    const metadata = { name, namespace, annotations, labels: { role: 'client' } };
    const spec = { nodeName: node, containers: [container], terminationGracePeriodSeconds: 0 };
    this.kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
    this.kubectl.run(['wait', '--namespace', namespace, `pod/${name}`, '--for=condition=Ready', '--timeout=120s']);
  }

  /** Sends a request from a client's pod until there is an answer. */
  public async ask(namespace: string, client: string, request: string, seconds = 20): Promise<Answer> {
    return until(`${client} is answered: ${request}`, () => this.askOnce(namespace, client, request), seconds);
  }

  public askOnce(namespace: string, client: string, request: string): Answer {
    const words = ['exec', '--namespace', namespace, client, '--', '/program', 'ask', ...request.split(' ')];
    return JSON.parse(this.kubectl.run(words)) as Answer;
  }

  /** The pods of a router, including terminating ones. */
  public podsOf(namespace: string, router: string): readonly Pod[] {
    return this.podsWith(namespace, `app.kubernetes.io/instance=${router}`);
  }

  public podsWith(namespace: string, label: string): readonly Pod[] {
    return this.kubectl.get<PodList>('pods', '--namespace', namespace, `--selector=${label}`).items;
  }

  /** Waits until a router is ready in its only pod. */
  public async ready(namespace: string, router: string, seconds = 90): Promise<Pod> {
    return until(
      `router ${namespace}/${router} is ready`,
      () => {
        const [pod, ...others] = this.podsOf(namespace, router);
        if (pod === undefined || others.length > 0 || pod.metadata.deletionTimestamp !== undefined) return false;
        return isReady(pod) ? pod : false;
      },
      seconds,
    ) as Promise<Pod>;
  }

  /** A Service's first address. */
  public clusterIp(namespace: string, service: string): string {
    const words = ['service', service, `--namespace=${namespace}`];
    return this.kubectl.get<{ spec: { clusterIP: string } }>(...words).spec.clusterIP;
  }

  /** The node of a pod. */
  public nodeOf({ spec }: Pod): Worker {
    return this.cluster.workers.find(({ name }) => name === spec.nodeName)!;
  }

  /** A node other than a pod's. */
  public nodeBeside({ spec }: Pod): { readonly name: string } {
    return { name: this.nodes.find((name) => name !== spec.nodeName)! };
  }

  /** Waits until the last applied version of a router runs and is ready. */
  public async rolledOut(namespace: string, router: string): Promise<Pod> {
    const words = ['--namespace', namespace, `deployment/${router}`, '--timeout=180s'];
    this.kubectl.run(['rollout', 'status', ...words]);
    return this.ready(namespace, router);
  }

  public pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds);
  }
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}
