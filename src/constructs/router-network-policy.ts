import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { portKey } from '../domain/values/protocol';
import type { RedirectRule } from './redirect-rule';
import { objectMetadata, type RouterNames } from './router-names';

/** Who may use a router, and what of it they reach. */
export interface Admission {
  readonly peers: readonly kplus.INetworkPolicyPeer[];
  /** A fallback listens on every port. */
  readonly hasFallback: boolean;
}

/** The NetworkPolicy that admits chosen clients to one router, and nobody else. */
export class RouterNetworkPolicy {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly admitted = new Set<string>();

  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    private readonly admission: Admission,
  ) {
    this.networkPolicy = new kplus.NetworkPolicy(scope, 'NetworkPolicy', {
      metadata: objectMetadata(names, names.router, metadata),
      selector: kplus.Pods.select(scope, 'Pods', { labels: { ...names.selector } }),
      ingress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    if (admission.hasFallback) this.admitToEveryPort();
  }

  /** Admits those who scrape to the port of the metrics. */
  public admitScrapers(scrapers: readonly kplus.INetworkPolicyPeer[], healthPort: number): void {
    for (const peer of scrapers) this.networkPolicy.addIngressRule(peer, [kplus.NetworkPolicyPort.tcp(healthPort)]);
  }

  /** Admits the peers to the ports of the rules that they are not admitted to yet, as one entry for each peer. */
  public admit(rules: readonly RedirectRule[]): void {
    if (this.admission.hasFallback) return;
    const ports = new Map(
      rules
        .map(
          ({ port, protocol }) =>
            [portKey({ protocol, port }), { port, protocol: protocol as string as kplus.NetworkProtocol }] as const,
        )
        .filter(([key]) => !this.admitted.has(key)),
    );
    if (ports.size === 0) return;
    for (const key of ports.keys()) this.admitted.add(key);
    const policyPorts = [...ports.values()].map((port) => kplus.NetworkPolicyPort.of(port));
    for (const peer of this.admission.peers) this.networkPolicy.addIngressRule(peer, policyPorts);
  }

  /** The first entries of all, so that their places are known. */
  private admitToEveryPort(): void {
    for (const [index, peer] of this.admission.peers.entries()) {
      this.networkPolicy.addIngressRule(peer);
      // cdk8s-plus writes an empty list, which the API server drops: every apply would find a difference.
      ApiObject.of(this.networkPolicy).addJsonPatch(JsonPatch.remove(`/spec/ingress/${index}/ports`));
    }
  }
}
