import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { dropEmptyPorts, keepPatches } from '../patch-keeper';
import { objectMetadata, type RouterNames } from '../router-names';

/**
 * The NetworkPolicy that denies what the router's pod itself starts on the cluster network: its process needs nothing
 * there, and answers to clients belong to the clients' connections, which no policy stops while its controller
 * remembers them (docs/timeouts.md). Packets of net1 are not the cluster network's.
 */
export function routerEgressPolicy(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
): kplus.NetworkPolicy {
  const policy = new kplus.NetworkPolicy(scope, 'EgressPolicy', {
    metadata: objectMetadata(names, names.egressPolicy, metadata),
    selector: kplus.Pods.select(scope, 'OwnPods', { labels: { ...names.selector } }),
    egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
  });
  dropEmptyPorts(ApiObject.of(policy), 'egress');
  keepPatches(policy);
  return policy;
}
