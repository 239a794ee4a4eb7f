import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { HostName } from '../../domain/values/host-name';
import { dropEmptyPorts } from '../patch-keeper';
import { objectMetadata, type RouterNames } from '../router-names';
import { AdmittedPorts } from './admitted-ports';
import { fallbackPorts, type ProcessPorts } from './fallback-ports';
import type { ListeningPort } from './listening-ports';
import { pairPorts } from './pair-ports';

/** Peers that may use a router, and what of it they reach. */
export interface Admission {
  readonly peers: readonly kplus.INetworkPolicyPeer[];
  /** A fallback listens on every port but those of the process. */
  readonly hasFallback: boolean;
  readonly ports: ProcessPorts;
}

/** A peer and the ports that it is admitted to so far. */
interface AdmittedPeer {
  readonly peer: kplus.INetworkPolicyPeer;
  /** The hosts whose ports it may use; absent: every port of the router. */
  readonly hosts: readonly HostName[] | undefined;
  readonly admitted: AdmittedPorts;
}

/** The NetworkPolicy that admits chosen clients to one router, and no other pod. */
export class RouterNetworkPolicy {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly peers: AdmittedPeer[] = [];

  public constructor(
    scope: Construct,
    names: RouterNames,
    metadata: ApiObjectMetadata,
    private readonly admission: Admission,
  ) {
    const own = kplus.Pods.select(scope, 'Pods', { labels: { ...names.selector } });
    this.networkPolicy = new kplus.NetworkPolicy(scope, 'NetworkPolicy', {
      metadata: objectMetadata(names, names.router, metadata),
      selector: own,
      ingress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    dropEmptyPorts(ApiObject.of(this.networkPolicy), 'ingress');
    if (admission.ports.standby) this.networkPolicy.addIngressRule(own, pairPorts());
    for (const peer of admission.peers) this.addPeer(peer);
  }

  /** Admits the peers that scrape to the port of the metrics. */
  public admitScrapers(scrapers: readonly kplus.INetworkPolicyPeer[]): void {
    const port = kplus.NetworkPolicyPort.tcp(this.admission.ports.healthPort);
    for (const peer of scrapers) this.networkPolicy.addIngressRule(peer, [port]);
  }

  /** Admits one more peer: to every port of the router, or to those of some hosts. */
  public addPeer(peer: kplus.INetworkPolicyPeer, hosts?: readonly HostName[]): void {
    const { hasFallback, ports } = this.admission;
    if (hasFallback && hosts === undefined) this.networkPolicy.addIngressRule(peer, fallbackPorts(ports));
    else this.peers.push({ peer, hosts, admitted: new AdmittedPorts() });
  }

  /** Admits each peer to the ports that it is not admitted to yet, as one entry. */
  public admit(portsFor: (hosts: readonly HostName[] | undefined) => readonly ListeningPort[]): void {
    for (const { peer, hosts, admitted } of this.peers) {
      const ports = admitted.add(portsFor(hosts));
      if (ports.length > 0) this.networkPolicy.addIngressRule(peer, ports);
    }
  }
}
