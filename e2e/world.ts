import { setTimeout as sleep } from 'node:timers/promises';
import { type Edit, type ExampleRun, runExample } from '../test/support/example';
import type { Cluster } from './cluster/cluster';
import type { Kubectl } from './cluster/kubectl';
import { until } from './cluster/until';
import type { Worker } from './cluster/worker';
import type { Measurements } from './measurements';
import { StoryNamespaces } from './story-namespaces';

/** What an outside server told its client. */
export interface Answer {
  /** The address that it saw. */
  readonly peer: string;
}

interface PodList {
  readonly items: readonly Pod[];
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The namespace that an example's program names; a story has its own in place of it. */
const NAMESPACES: Readonly<Record<string, string>> = { standalone: 'egress', okd: 'egress', 'live-rules': 'exchanges' };

/** Whom a story asks, and where it acts. */
export class World {
  public readonly until = until;
  private readonly namespaces: StoryNamespaces;

  /** @param own the cluster that this made; absent where the user has given one, over whose nodes a story has no power */
  public constructor(
    public readonly kubectl: Kubectl,
    public readonly measurements: Measurements,
    private readonly own?: Cluster,
  ) {
    this.namespaces = new StoryNamespaces(kubectl);
  }

  public get hasPower(): boolean {
    return this.own !== undefined;
  }

  /** @throws an error in the cluster of a user: such a story says `needsPower` */
  public get cluster(): Cluster {
    if (this.own === undefined) throw new Error('this story needs power over the nodes');
    return this.own;
  }

  /** The nodes' names. */
  public get nodes(): readonly string[] {
    const { items } = this.kubectl.get<{ items: readonly { metadata: { name: string } }[] }>('nodes');
    return items.map(({ metadata }) => metadata.name);
  }

  /** Runs an example, with edits as somebody would make them; its namespace is the story's. */
  public synthesize(name: string, edits: readonly Edit[] = [], namespace?: string): ExampleRun {
    const role = NAMESPACES[name];
    if (role === undefined) return runExample(name, edits);
    const [from, to] = [role, namespace ?? this.namespaces.nameOf(role)].map((text) => `{ namespace: '${text}' }`);
    return runExample(name, [...edits, { file: 'main.ts', from: from!, to: to! }]);
  }

  /** Synthesizes an example and applies it. */
  public applyExample(name: string, edits: readonly Edit[] = []): string {
    const { yaml } = this.synthesize(name, edits);
    this.kubectl.apply(yaml);
    return yaml;
  }

  /** The plugin on every node, by its construct. Says nothing when it is there. */
  public installPlugin(edits: readonly Edit[] = []): void {
    this.applyExample('plugin', edits);
    const names = ['--namespace=egress-router-plugin', 'daemonset/egress-router-plugin'];
    this.kubectl.run(['rollout', 'status', ...names, '--timeout=180s']);
  }

  /** @param role what an example calls it, or what it is for @returns its name */
  public makeNamespace(role: string, labels: Readonly<Record<string, string>> = {}): string {
    return this.namespaces.make(role, labels);
  }

  /** The name of a namespace that was made. */
  public namespaceOf(role: string): string {
    return this.namespaces.nameOf(role);
  }

  /** After the story, whatever came of it. */
  public end(): Promise<void> {
    return this.namespaces.end();
  }

  /**
   * A pod from which clients ask.
   *
   * @param node where it runs
   * @param args what it does by itself
   * @param annotations Multus', for one
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

  /** A request from a client's pod; the answer, once there is one. */
  public async ask(namespace: string, client: string, request: string, seconds = 20): Promise<Answer> {
    return until(`${client} is answered: ${request}`, () => this.askOnce(namespace, client, request), seconds);
  }

  public askOnce(namespace: string, client: string, request: string): Answer {
    const words = ['exec', '--namespace', namespace, client, '--', '/program', 'ask', ...request.split(' ')];
    return JSON.parse(this.kubectl.run(words)) as Answer;
  }

  /** The pods of a router, those that are going included. */
  public podsOf(namespace: string, router: string): readonly Pod[] {
    return this.podsWith(namespace, `app.kubernetes.io/instance=${router}`);
  }

  public podsWith(namespace: string, label: string): readonly Pod[] {
    return this.kubectl.get<PodList>('pods', '--namespace', namespace, `--selector=${label}`).items;
  }

  /** Waits until a router is ready, in the one pod that it has. */
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

  /** A node that a pod is not on. */
  public nodeBeside({ spec }: Pod): { readonly name: string } {
    return { name: this.nodes.find((name) => name !== spec.nodeName)! };
  }

  /** Waits until the last applied version of a router is the one that runs, and ready. */
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
