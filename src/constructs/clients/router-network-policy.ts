import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { dropEmptyPorts } from '../patch-keeper';
import type { RedirectRule } from '../redirect-rule';
import { objectMetadata, type RouterNames } from '../router-names';
import { AdmittedPorts } from './admitted-ports';
import { fallbackPorts } from './fallback-ports';

/** Peers that may use a router, and what of it they reach. */
export interface Admission {
  readonly peers: readonly kplus.INetworkPolicyPeer[];
  /** A fallback listens on every port but the health port. */
  readonly hasFallback: boolean;
  readonly healthPort: number;
}

/** The NetworkPolicy that admits chosen clients to one router, and no other pod. */
export class RouterNetworkPolicy {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly admitted = new AdmittedPorts();
  private readonly peers: kplus.INetworkPolicyPeer[];

  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    private readonly admission: Admission,
  ) {
    this.peers = [...admission.peers];
    this.networkPolicy = new kplus.NetworkPolicy(scope, 'NetworkPolicy', {
      metadata: objectMetadata(names, names.router, metadata),
      selector: kplus.Pods.select(scope, 'Pods', { labels: { ...names.selector } }),
      ingress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    dropEmptyPorts(ApiObject.of(this.networkPolicy), 'ingress');
    if (admission.hasFallback) for (const peer of this.peers) this.admitToFallback(peer);
  }

  /** Admits the peers that scrape to the port of the metrics. */
  public admitScrapers(scrapers: readonly kplus.INetworkPolicyPeer[]): void {
    const port = kplus.NetworkPolicyPort.tcp(this.admission.healthPort);
    for (const peer of scrapers) this.networkPolicy.addIngressRule(peer, [port]);
  }

  /** Admits one more peer to the ports that the others are admitted to. */
  public addPeer(peer: kplus.INetworkPolicyPeer): void {
    this.peers.push(peer);
    if (this.admission.hasFallback) this.admitToFallback(peer);
    else if (this.admitted.all.length > 0) this.networkPolicy.addIngressRule(peer, this.admitted.all);
  }

  /** Admits the peers to the ports of the rules that they are not admitted to yet, as one entry for each peer. */
  public admit(rules: readonly RedirectRule[]): void {
    if (this.admission.hasFallback) return;
    const ports = this.admitted.add(rules);
    if (ports.length > 0) for (const peer of this.peers) this.networkPolicy.addIngressRule(peer, ports);
  }

  private admitToFallback(peer: kplus.INetworkPolicyPeer): void {
    this.networkPolicy.addIngressRule(peer, fallbackPorts(this.admission.healthPort));
  }
}
