import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../src/domain/input/issue';
import { valueText } from '../../src/domain/input/value-text';
import { decodeNetworkConfig, type NetworkConfig } from '../../src/domain/router/network-config';
import { CONFIG_MAP_KEY } from '../../src/domain/router/serve-config';
import { type KubernetesObject, member } from '../input/kubernetes-object';
import type { Router } from '../input/router';

/**
 * The configuration in force: with live rules, the rules of the ConfigMap replace those that the plugin started with.
 * The ConfigMap is decoded only if it differs from the other side's.
 */
export function configInForce(router: Router, other: Router): NetworkConfig {
  const { config, objects } = router;
  if (!config.options.liveRules || isDeepStrictEqual(fileOf(objects.configMap), fileOf(other.objects.configMap))) {
    return config;
  }
  const read = readRules(objects.configMap);
  return typeof read === 'string'
    ? config
    : { ...config, rules: read.rules, hosts: read.hosts, fallbacks: read.fallbacks };
}

/** The problem of the file of live rules, if any: the process then keeps its rules. */
export function liveRulesProblem({ config, objects: { configMap } }: Router): string | undefined {
  if (!config.options.liveRules || configMap === undefined) return undefined;
  const read = readRules(configMap);
  return typeof read === 'string'
    ? `ConfigMap ${configMap.metadata.name}: data["${CONFIG_MAP_KEY}"]: ${read}`
    : undefined;
}

function readRules(
  configMap: KubernetesObject | undefined,
): Pick<NetworkConfig, 'rules' | 'hosts' | 'fallbacks'> | string {
  const text = fileOf(configMap);
  try {
    return decodeNetworkConfig(JSON.parse(String(text)));
  } catch (error) {
    return error instanceof ConfigError
      ? error.message.replaceAll('\n', '; ')
      : `${valueText(text)} is not a JSON object`;
  }
}

function fileOf(configMap: KubernetesObject | undefined): unknown {
  return member(configMap?.body, 'data', CONFIG_MAP_KEY);
}
