import { type ApiObjectMetadata, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { withoutUndefined } from '../../domain/input/collections';
import type { Issue } from '../../domain/input/issue';
import { encodeNetworkConfig, type NetworkConfig } from '../../domain/router/network-config';
import { MOST_CONFIG_MAP_BYTES } from '../../domain/router/object-limits';
import { CONFIG_MAP_KEY } from '../../domain/router/serve-config';
import { objectMetadata, type RouterNames } from '../router-names';
import { SERVICES_KEY, servicesText } from './pair-services';

/**
 * Where a router has its ConfigMap. The folder is the mount: kubelet never brings a change to a file that is mounted
 * alone.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
export const CONFIG_FOLDER = '/etc/egress-router';
export const CONFIG_FILE = `${CONFIG_FOLDER}/${CONFIG_MAP_KEY}`;
export const SERVICES_FILE = `${CONFIG_FOLDER}/${SERVICES_KEY}`;

/** What changes while the pods of a router run. */
export interface ConfigMapFiles {
  /** The network configuration, as its NetworkAttachmentDefinition has it: with live rules. */
  readonly networkConfig?: () => NetworkConfig;
  /** The Services whose slices the pods write: with a standby. */
  readonly services?: () => readonly kplus.Service[];
}

/** The ConfigMap of a router whose pods have files. */
export function routerConfigMap(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  { networkConfig, services }: ConfigMapFiles,
): kplus.ConfigMap {
  const lazy = (produce: () => string) => Lazy.any({ produce }) as unknown as string;
  return new kplus.ConfigMap(scope, 'ConfigMap', {
    metadata: objectMetadata(names, names.router, metadata),
    data: withoutUndefined({
      [CONFIG_MAP_KEY]: networkConfig && lazy(() => configText(networkConfig())),
      [SERVICES_KEY]: services && lazy(() => servicesText(services())),
    }) as Record<string, string>,
  });
}

/** What the API server will refuse about the ConfigMap. */
export function configMapIssues({ networkConfig, services }: ConfigMapFiles): Issue[] {
  const config = networkConfig?.();
  const texts = [config && configText(config), services && servicesText(services())];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  if (bytes <= MOST_CONFIG_MAP_BYTES) return [];
  const count = config?.rules.length ?? services?.().reduce((sum, { ports }) => sum + ports.length, 0);
  const feature = config === undefined ? 'standby' : 'liveRules';
  const problem = `rules make a configuration of ${bytes} bytes, which the ConfigMap of ${feature} cannot hold`;
  const accepted = `fewer rules, of at most ${MOST_CONFIG_MAP_BYTES} bytes together, or no ${feature}`;
  return [{ path: 'redirectRules', value: count, problem, accepted }];
}

/**
 * Indented, so that a review shows the lines that changed; and the same for the same configuration, because its hash is
 * compared.
 */
function configText(config: NetworkConfig): string {
  return JSON.stringify(encodeNetworkConfig(config), undefined, 2);
}
