import { type ApiObjectMetadata, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import { encodeNetworkConfig, type NetworkConfig } from '../../domain/router/network-config';
import { MOST_CONFIG_MAP_BYTES } from '../../domain/router/object-limits';
import { CONFIG_MAP_KEY } from '../../domain/router/serve-config';
import { objectMetadata, type RouterNames } from '../router-names';

/**
 * Where a router with live rules has its configuration. The folder is the mount: kubelet never brings a change to a
 * file that is mounted alone.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
 */
export const CONFIG_FOLDER = '/etc/egress-router';
export const CONFIG_FILE = `${CONFIG_FOLDER}/${CONFIG_MAP_KEY}`;

/** The ConfigMap of a router with live rules: the network configuration, as its NetworkAttachmentDefinition has it. */
export function routerConfigMap(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  networkConfig: () => NetworkConfig,
): kplus.ConfigMap {
  const text = Lazy.any({ produce: () => configText(networkConfig()) }) as unknown as string;
  return new kplus.ConfigMap(scope, 'ConfigMap', {
    metadata: objectMetadata(names, names.router, metadata),
    data: { [CONFIG_MAP_KEY]: text },
  });
}

/** What the API server will refuse about the ConfigMap. */
export function configMapIssues(config: NetworkConfig): Issue[] {
  const bytes = Buffer.byteLength(configText(config));
  if (bytes <= MOST_CONFIG_MAP_BYTES) return [];
  const count = config.rules.length;
  const problem = `rules make a configuration of ${bytes} bytes, which the ConfigMap of liveRules cannot hold`;
  const accepted = `fewer rules, of at most ${MOST_CONFIG_MAP_BYTES} bytes together, or no liveRules`;
  return [{ path: 'redirectRules', value: count, problem, accepted }];
}

/**
 * Indented, so that a review shows the lines that changed; and the same for the same configuration, because its hash is
 * compared.
 */
function configText(config: NetworkConfig): string {
  return JSON.stringify(encodeNetworkConfig(config), undefined, 2);
}
