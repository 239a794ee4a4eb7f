import type { ApiObjectMetadata } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { RedirectRule } from './redirect-rule';
import { objectMetadata, type RouterNames } from './router-names';

/** The NetworkPolicy that admits chosen clients to one router, and nobody else. */
export class RouterNetworkPolicy {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly admitted = new Set<string>();

  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    private readonly peers: readonly kplus.INetworkPolicyPeer[],
  ) {
    this.networkPolicy = new kplus.NetworkPolicy(scope, 'NetworkPolicy', {
      metadata: objectMetadata(names, names.router, metadata),
      selector: kplus.Pods.select(scope, 'Pods', { labels: { ...names.selector } }),
      ingress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
  }

  /** Admits the peers to every port: a fallback listens on all of them. */
  public admitToAllPorts(): void {
    for (const peer of this.peers) this.networkPolicy.addIngressRule(peer);
  }

  /** Admits the peers to the ports of these rules, as one entry for each peer. */
  public admitToRules(rules: readonly RedirectRule[]): void {
    const ports = rules.flatMap(({ port, protocol }) => {
      const key = `${protocol} ${port}`;
      if (this.admitted.has(key)) return [];
      this.admitted.add(key);
      return [kplus.NetworkPolicyPort.of({ port, protocol: protocol as string as kplus.NetworkProtocol })];
    });
    if (ports.length === 0) return;
    for (const peer of this.peers) this.networkPolicy.addIngressRule(peer, ports);
  }
}
