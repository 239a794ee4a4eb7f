import { ApiObject, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { portKey } from '../../domain/values/protocol';
import { addOwnPatch, keepPatches } from '../patch-keeper';
import type { RouterDeclaration } from '../router-declaration';
import { policyPort } from './router-network-policy';

/** Ports of the cluster's DNS: the Service's, and that of OKD's pods, which policies see. */
const DNS_PORTS = [53, 5353];

/** What a client's policy admits to, and whom. */
export interface ClientAccess {
  /** The router, with the rules that are added later. */
  readonly declaration: RouterDeclaration;
  readonly clients: kplus.IPodSelector;
}

/** The NetworkPolicy beside clients that lets them reach one router, and the cluster's DNS for its name. */
export class ClientNetworkPolicy extends Construct {
  public readonly networkPolicy: kplus.NetworkPolicy;
  private readonly router: kplus.INetworkPolicyPeer;
  private readonly admitted = new Set<string>();

  public constructor(
    scope: Construct,
    id: string,
    private readonly access: ClientAccess,
  ) {
    super(scope, id);
    const { names, hasFallback } = access.declaration;
    this.networkPolicy = new kplus.NetworkPolicy(this, 'NetworkPolicy', {
      selector: access.clients,
      egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
    });
    this.router = kplus.Pods.select(this, 'Router', {
      labels: { ...names.selector },
      namespaces: namespaces(this, names.namespace),
    });
    if (hasFallback) {
      this.networkPolicy.addEgressRule(this.router);
      // cdk8s-plus writes an empty list, which the API server drops: every apply would find a difference.
      addOwnPatch(ApiObject.of(this.networkPolicy), JsonPatch.remove('/spec/egress/0/ports'));
    }
    const everyPod = kplus.Pods.all(this, 'EveryPod', { namespaces: kplus.Namespaces.all(this, 'EveryNamespace') });
    const dns = DNS_PORTS.flatMap((port) => [kplus.NetworkPolicyPort.udp(port), kplus.NetworkPolicyPort.tcp(port)]);
    this.networkPolicy.addEgressRule(everyPod, dns);
    keepPatches(this);
    // cdk8s asks this before it renders, when all rules are there.
    this.node.addValidation({ validate: () => this.admitRules() });
  }

  private admitRules(): string[] {
    const { rules, hasFallback } = this.access.declaration;
    const missing = hasFallback ? [] : rules.filter((rule) => !this.admitted.has(portKey(rule)));
    const ports = new Map(missing.map((rule) => [portKey(rule), policyPort(rule)]));
    for (const key of ports.keys()) this.admitted.add(key);
    if (ports.size > 0) this.networkPolicy.addEgressRule(this.router, [...ports.values()]);
    return [];
  }
}

/** The router's namespace by the label that every namespace has; undefined: that of the policy. */
function namespaces(scope: Construct, name: string | undefined): kplus.Namespaces | undefined {
  if (name === undefined) return undefined;
  return kplus.Namespaces.select(scope, 'Namespace', { labels: { 'kubernetes.io/metadata.name': name } });
}
