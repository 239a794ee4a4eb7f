import { withoutUndefined } from '../../domain/input/collections';
import type { NetworkConfig } from '../../domain/router/network-config';
import type { RouterDeclaration } from '../router-declaration';

/**
 * What the plugin gets from the NetworkAttachmentDefinition of a standalone router. The network's name is unique in
 * the cluster: runtimes collect garbage by it, and two routers of one name live in two namespaces. Multus lets the pods
 * of every namespace name the network, so the configuration says which namespace may use it.
 */
export function standaloneNetworkConfig({ spec, names, failover, features }: RouterDeclaration): NetworkConfig {
  const { namespace, networkAttachmentDefinition } = names;
  return {
    cniVersion: '1.0.0',
    name: namespace === undefined ? networkAttachmentDefinition : `${namespace}.${networkAttachmentDefinition}`,
    type: spec.pluginName,
    ...(namespace === undefined ? {} : { podNamespace: namespace }),
    macvlan: spec.macvlan,
    addresses: spec.addresses,
    rules: spec.rules,
    hosts: spec.hosts.map(({ name, ports, addresses, allowedCidrs }) =>
      withoutUndefined({ name, ports, addresses, allowedCidrs }),
    ),
    ...(spec.resolver === undefined ? {} : { resolver: spec.resolver }),
    fallbacks: spec.fallback === undefined ? [] : [spec.fallback],
    // A standalone router always has one.
    macAddress: spec.macAddress ?? '',
    ...(spec.standbyMacAddress === undefined ? {} : { standbyMac: spec.standbyMacAddress }),
    options: {
      ...spec.options,
      conflictWait: failover.conflictWait.toSeconds(),
      // Counting costs time at each packet: only with metrics that show it.
      counters: features.ruleMetrics,
      liveRules: features.liveRules,
    },
  };
}
