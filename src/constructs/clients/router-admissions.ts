import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { keepPatches } from '../patch-keeper';
import type { RouterDeclaration } from '../router-declaration';
import { hostPorts } from './listening-ports';
import { RouterNetworkPolicy } from './router-network-policy';

/** Who may use a router: every pod, or the peers of its NetworkPolicy, which the first peer makes. */
export class RouterAdmissions {
  private policy?: RouterNetworkPolicy;

  public constructor(
    private readonly router: Construct,
    private readonly declaration: RouterDeclaration,
    private readonly metadata: ApiObjectMetadata,
  ) {
    if (declaration.allowFrom !== undefined) this.policy = this.makePolicy(declaration.allowFrom);
  }

  public get networkPolicy(): kplus.NetworkPolicy | undefined {
    return this.policy?.networkPolicy;
  }

  /** @param hosts the hosts whose ports it may use; absent: every port of the router */
  public add(peer: kplus.INetworkPolicyPeer, hosts?: readonly string[]): void {
    const admitted = this.declaration.admit(peer);
    this.policy ??= this.makePolicy([]);
    if (admitted !== undefined) this.policy.addPeer(admitted, hosts);
  }

  /** Admits the peers to the ports of all rules and hosts so far. */
  public settle(): void {
    const { declaration } = this;
    this.policy?.admit((hosts) =>
      hosts === undefined ? declaration.listeningPorts : hostPorts(declaration.identified, hosts),
    );
  }

  private makePolicy(peers: readonly kplus.INetworkPolicyPeer[]): RouterNetworkPolicy {
    const { names, hasFallback, healthPort, features, monitoring } = this.declaration;
    const ports = { healthPort, standby: features.standby };
    const policy = new RouterNetworkPolicy(this.router, names, this.metadata, { peers, hasFallback, ports });
    policy.admitScrapers(monitoring?.from ?? []);
    keepPatches(policy.networkPolicy);
    return policy;
  }
}
