import type * as kplus from 'cdk8s-plus-28';
import type { Field } from '../domain/input/decoder';

/** Reads a list of those whom a NetworkPolicy admits. */
export function readPeers(list: Field): kplus.INetworkPolicyPeer[] {
  const accepted = 'a list of cdk8s-plus peers, such as Pods, Namespaces, a Deployment or an IP block';
  return list.elements(accepted).flatMap((peer) => {
    const value = peer.value as Partial<kplus.INetworkPolicyPeer> | undefined | null;
    if (typeof value?.toNetworkPolicyPeerConfig === 'function') return [value as kplus.INetworkPolicyPeer];
    return peer.refuse('is not of that type', accepted) ?? [];
  });
}
