import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import type { PluginConfig } from '../../test/kernel/lab/plugin';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface NetworkAttachmentDefinition extends Manifest {
  readonly spec: { readonly config: string };
}

interface ConfigMap extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly RouterContainer[] } } };
}

/** The container that kubelet would start. */
export interface RouterContainer {
  readonly args: readonly string[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly securityContext: { readonly capabilities: { readonly add?: readonly string[] } };
}

/** A router with live rules, as it was synthesized. */
export interface RouterManifests {
  readonly attachment: string;
  readonly deployment: string;
  readonly configMap: string;
  /** The configuration for the plugin. */
  readonly config: PluginConfig;
  /** The same for the process, as text. */
  readonly liveConfig: string;
  readonly container: RouterContainer;
}

/** @param folder what `cdk8s synth` has written */
export function readManifests(folder: string): RouterManifests {
  const manifests = readdirSync(folder).flatMap((file) => Yaml.load(join(folder, file)) as Manifest[]);
  const find = <T extends Manifest>(wanted: T['kind']): T => {
    const found = manifests.find(({ kind }) => kind === wanted);
    if (found === undefined) throw new Error(`${folder} has no ${wanted}`);
    return found as T;
  };
  const attachment = find<NetworkAttachmentDefinition>('NetworkAttachmentDefinition');
  const [deployment, configMap] = [find<Deployment>('Deployment'), find<ConfigMap>('ConfigMap')];
  return {
    attachment: attachment.metadata.name,
    deployment: deployment.metadata.name,
    configMap: configMap.metadata.name,
    config: JSON.parse(attachment.spec.config) as PluginConfig,
    liveConfig: configMap.data['config.json']!,
    container: deployment.spec.template.spec.containers[0]!,
  };
}
