import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { bitsOf } from '../../domain/values/cidr';
import type { Family } from '../../domain/values/ip-address';
import { dropEmptyPorts, keepPatches } from '../patch-keeper';
import { type ClientAccess, checkClients, kebabCase } from './client-network-policy';

/**
 * The NetworkPolicy beside clients that keeps them from the addresses of a router's destinations, but by the router:
 * everything else they reach as before. Pods are admitted by a selector of their own, because some networks do not
 * match pods by address.
 */
export class BypassNetworkPolicy extends Construct {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private isSettled = false;

  public constructor(
    scope: Construct,
    id: string,
    private readonly access: ClientAccess,
  ) {
    super(scope, id);
    const { names } = access.declaration;
    checkClients(access, Chart.of(this).namespace, 'closeBypass');
    this.networkPolicy = new kplus.NetworkPolicy(this, 'NetworkPolicy', {
      metadata: { name: `${names.router}-${kebabCase(id)}` },
      selector: access.clients,
      egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    dropEmptyPorts(ApiObject.of(this.networkPolicy), 'egress');
    const everyPod = kplus.Pods.all(this, 'EveryPod', { namespaces: kplus.Namespaces.all(this, 'EveryNamespace') });
    this.networkPolicy.addEgressRule(everyPod);
    keepPatches(this);
    // cdk8s asks this before it renders, when all rules and hosts are there.
    this.node.addValidation({ validate: () => this.settle() });
  }

  private settle(): string[] {
    const { identified } = this.access.declaration;
    if (this.isSettled || identified === undefined) return [];
    this.isSettled = true;
    const { rules, fallback } = identified;
    const destinations = [
      ...rules.map(({ destination }) => destination),
      ...(fallback === undefined ? [] : [fallback]),
    ];
    const except = (wanted: Family) => {
      const found = destinations
        .filter(({ family }) => family === wanted)
        .map(({ text }) => `${text}/${bitsOf(wanted)}`);
      return found.length === 0 ? undefined : [...new Set(found)];
    };
    const { NetworkPolicyIpBlock } = kplus;
    this.networkPolicy.addEgressRule(NetworkPolicyIpBlock.ipv4(this, 'Ipv4', '0.0.0.0/0', except(4)));
    this.networkPolicy.addEgressRule(NetworkPolicyIpBlock.ipv6(this, 'Ipv6', '::/0', except(6)));
    return [];
  }
}
