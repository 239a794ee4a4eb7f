import { setTimeout as sleep } from 'node:timers/promises';
import { startEcho } from '../test/kernel/lab/echo';
import { type Edit, runExample } from '../test/support/example';
import type { Cluster } from './cluster/cluster';
import type { Kubectl } from './cluster/kubectl';
import { until } from './cluster/until';
import type { Worker } from './cluster/worker';
import { Measurements } from './measurements';

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

/** Whom stories ask, and where they act. */
export class World {
  public readonly measurements = new Measurements();
  public readonly until = until;
  private readonly namespaces = new Set<string>();

  public constructor(public readonly cluster: Cluster) {}

  public get kubectl(): Kubectl {
    return this.cluster.kubectl;
  }

  /** The servers that the examples lead to. They say whom they see. */
  public async startServers(): Promise<void> {
    await startEcho(
      this.cluster.outside.server.namespace,
      'udp 203.0.113.25 80',
      'tcp 203.0.113.26 80',
      'tcp 203.0.113.26 443',
      'tcp 203.0.113.27 443',
      'tcp 2001:db8:113::26 443',
      'udp 2001:db8:113::25 80',
    );
  }

  /** Synthesizes an example, with edits as somebody would make them, and applies it. */
  public applyExample(name: string, edits: readonly Edit[] = []): string {
    const { yaml } = runExample(name, edits);
    this.kubectl.apply(yaml);
    return yaml;
  }

  /** The plugin on every node, by its construct. Says nothing when it is there. */
  public installPlugin(edits: readonly Edit[] = []): void {
    this.applyExample('plugin', edits);
    const names = ['--namespace=egress-router-plugin', 'daemonset/egress-router-plugin'];
    this.kubectl.run(['rollout', 'status', ...names, '--timeout=180s']);
  }

  public makeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): void {
    this.namespaces.add(name);
    this.kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }));
  }

  /** Waits until they and everything in them are gone. */
  public removeNamespaces(...names: string[]): void {
    for (const name of names) this.namespaces.delete(name);
    if (names.length > 0) this.kubectl.run(['delete', 'namespace', ...names, '--ignore-not-found', '--timeout=180s']);
  }

  /** After a story that failed: its router would hold the address of the next one's. */
  public removeWhatIsLeft(): void {
    this.removeNamespaces(...this.namespaces);
  }

  /**
   * A pod from which clients ask.
   *
   * @param node where it runs
   * @param args what it does by itself
   */
  public async startClient(
    namespace: string,
    name: string,
    node: string,
    args: readonly string[] = ['pause'],
  ): Promise<void> {
    const container = { name: 'client', image: 'localhost/client:1', args };
    const metadata = { name, namespace, labels: { role: 'client' } };
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

  /** The node of a pod. */
  public nodeOf({ spec }: Pod): Worker {
    return this.cluster.workers.find(({ name }) => name === spec.nodeName)!;
  }

  /** A node that a pod is not on. */
  public nodeBeside({ spec }: Pod): Worker {
    return this.cluster.workers.find(({ name }) => name !== spec.nodeName)!;
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
