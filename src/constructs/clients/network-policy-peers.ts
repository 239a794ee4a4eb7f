import type * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';
import { chartNamespace } from './chart-namespace';

const PEERS = 'a list of cdk8s-plus peers, such as Pods, Namespaces, a Deployment or an IP block';

/**
 * Reads the peers that a NetworkPolicy admits.
 *
 * @param namespace the policy's, where it is known
 */
export function readPeers(list: Field, namespace: string | undefined): kplus.INetworkPolicyPeer[] {
  return list.elements(PEERS).flatMap((field) => readPeer(field, namespace) ?? []);
}

/** Reads one peer. */
export function readPeer(field: Field, namespace: string | undefined): kplus.INetworkPolicyPeer | undefined {
  const value = field.value as Partial<kplus.INetworkPolicyPeer> | undefined | null;
  if (typeof value?.toNetworkPolicyPeerConfig !== 'function') return field.refuse('is not of that type', PEERS);
  const peer = value as kplus.INetworkPolicyPeer;
  refuseOtherNamespace(field, peer, namespace);
  return peer;
}

/**
 * Refuses `Pods.select(…)` of a chart in another namespace: cdk8s-plus writes a podSelector alone, which admits the
 * pods of the policy's own namespace.
 */
function refuseOtherNamespace(field: Field, peer: kplus.INetworkPolicyPeer, namespace: string | undefined): void {
  const { podSelector } = peer.toNetworkPolicyPeerConfig();
  if (podSelector === undefined || podSelector.namespaces !== undefined || namespace === undefined) return;
  const own = chartNamespace(peer);
  if (own === undefined || own === namespace) return;
  field
    .withValue(peer.node.path)
    .refuse(
      `selects pods without a namespace in a chart of namespace "${own}", and the NetworkPolicy is in "${namespace}": it would admit the pods of "${namespace}"`,
      `Pods.select with namespaces: Namespaces.select(…, { labels: { 'kubernetes.io/metadata.name': '${own}' } })`,
    );
}
