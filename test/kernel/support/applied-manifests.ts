import { isDeepStrictEqual } from 'node:util';
import { load, loadAll } from 'js-yaml';
import type { RouterContainer } from '../../../scripts/demo/manifests';
import { RouterProcess } from '../../../scripts/demo/router-process';
import type { Lab } from '../lab/lab';
import type { PluginConfig } from '../lab/plugin';
import type { Pod } from '../lab/pod';
import { removePod } from './planned-state';

/** What of a manifest matters here. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly config?: string;
    readonly template?: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly RouterContainer[] };
    };
  };
}

/** A pod of a Deployment, and what it was made of. */
export interface AppliedPod {
  readonly pod: Pod;
  /** As the plugin got it, DEL included. */
  readonly config: PluginConfig;
  /** The ConfigMap's text, where its rules are live. */
  readonly liveConfig?: string;
}

interface RunningPod extends AppliedPod {
  readonly template: unknown;
  readonly process?: RouterProcess;
}

/**
 * Manifests, applied to the lab's node the way Kubernetes does it: a Deployment whose pod template changed gets another
 * pod (the old one's process ends, DEL, then ADD with what the NetworkAttachmentDefinition says by then), a ConfigMap
 * that changed is swapped under the running process, and a Deployment that is gone takes its pod with it.
 */
export class AppliedManifests implements Disposable {
  private readonly running = new Map<string, RunningPod>();
  private pods = 0;

  public constructor(private readonly lab: Lab) {}

  /** The pod of a Deployment, if there is one. */
  public pod(deployment: string): AppliedPod | undefined {
    return this.running.get(deployment);
  }

  /** @throws what the plugin said, when an ADD failed */
  public async apply(yaml: string): Promise<void> {
    const manifests = loadAll(yaml) as Manifest[];
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    // Pruned: who is not among the manifests any more goes first.
    for (const name of this.running.keys()) {
      if (!deployments.some(({ metadata }) => metadata.name === name)) await this.end(name);
    }
    for (const deployment of deployments) await this.applyOne(deployment, manifests);
  }

  /** `kubectl rollout restart`: another pod, of what the manifests say. */
  public async restart(deployment: string, yaml: string): Promise<void> {
    await this.end(deployment);
    await this.apply(yaml);
  }

  private async applyOne({ metadata: { name }, spec }: Manifest, manifests: readonly Manifest[]): Promise<void> {
    const template = spec!.template!;
    const [network] = load(template.metadata.annotations['k8s.v1.cni.cncf.io/networks']!) as [{ name: string }];
    const named = (kind: string, wanted: string) =>
      manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === wanted);
    const config = JSON.parse(named('NetworkAttachmentDefinition', network.name)!.spec!.config!) as PluginConfig;
    const liveConfig = named('ConfigMap', name)?.data?.['config.json'];
    const old = this.running.get(name);
    if (old !== undefined && isDeepStrictEqual(old.template, template)) {
      if (liveConfig !== undefined && liveConfig !== old.liveConfig) old.process!.swap(liveConfig);
      this.running.set(name, { ...old, ...(liveConfig === undefined ? {} : { liveConfig }) });
      return;
    }
    await this.end(name);
    await this.start(name, { ...this.atNode(config), conflictWait: 1 }, template, liveConfig);
  }

  /**
   * The parent interface of the lab's node, and a network name of this lab's, by which what is noted of it is
   * forgotten.
   */
  private atNode(config: PluginConfig): PluginConfig {
    const interfaceArgs = { ...(config.interfaceArgs as object), master: 'lan0' };
    return { ...config, name: this.lab.unique(String(config.name)), interfaceArgs };
  }

  private async start(
    name: string,
    config: PluginConfig,
    template: NonNullable<NonNullable<Manifest['spec']>['template']>,
    liveConfig: string | undefined,
  ): Promise<void> {
    const number = this.pods++;
    const addresses = { ipv4: `10.244.0.${20 + number}`, ipv6: `fd00:10:244::${20 + number}` };
    const pod = this.lab.node.addPod(`${name}-${number}`, addresses);
    await pod.add(config);
    const [container] = template.spec.containers;
    const process =
      liveConfig === undefined ? undefined : new RouterProcess(pod, { container: container!, liveConfig });
    this.running.set(name, {
      pod,
      config,
      template,
      ...(process === undefined ? {} : { process }),
      ...(liveConfig === undefined ? {} : { liveConfig }),
    });
    await process?.until('/readyz', (answer) => answer === 'ok\n');
  }

  private async end(name: string): Promise<void> {
    const old = this.running.get(name);
    if (old === undefined) return;
    this.running.delete(name);
    await old.process?.stop();
    old.process?.[Symbol.dispose]();
    await old.pod.del(old.config);
    removePod(old.pod);
  }

  public [Symbol.dispose](): void {
    for (const { process } of this.running.values()) process?.[Symbol.dispose]();
  }
}
