import type { ApiObjectMetadata } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { portKey } from '../config/protocol';
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

  /** Admits those who scrape to the port of the metrics. */
  public admitScrapers(scrapers: readonly kplus.INetworkPolicyPeer[], healthPort: number): void {
    for (const peer of scrapers) this.networkPolicy.addIngressRule(peer, [kplus.NetworkPolicyPort.tcp(healthPort)]);
  }

  /**
   * Admits the peers to the ports of the rules that they are not admitted to yet, as one entry for each peer; to every
   * port when there is a fallback, which listens on all of them.
   */
  public admit(rules: readonly RedirectRule[], hasFallback: boolean): void {
    const ports = new Map(
      (hasFallback ? [] : rules)
        .map(
          ({ port, protocol }) =>
            [portKey({ protocol, port }), { port, protocol: protocol as string as kplus.NetworkProtocol }] as const,
        )
        .filter(([key]) => !this.admitted.has(key)),
    );
    const isDone = hasFallback ? this.admitted.has(ALL_PORTS) : ports.size === 0;
    if (isDone) return;
    for (const key of hasFallback ? [ALL_PORTS] : ports.keys()) this.admitted.add(key);
    const policyPorts = [...ports.values()].map((port) => kplus.NetworkPolicyPort.of(port));
    for (const peer of this.peers) this.networkPolicy.addIngressRule(peer, policyPorts);
  }
}

const ALL_PORTS = 'all';
