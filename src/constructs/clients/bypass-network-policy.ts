import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { issueText } from '../../domain/input/issue';
import type { Host } from '../../domain/router/host';
import type { RouterSpec } from '../../domain/router/router-spec';
import { bitsOf, type Cidr, cidr } from '../../domain/values/cidr';
import type { Family } from '../../domain/values/ip-address';
import { dropEmptyPorts, keepPatches } from '../patch-keeper';
import { type ClientAccess, checkClients, kebabCase } from './client-network-policy';

/**
 * The NetworkPolicy beside clients that keeps them from the addresses of a router's destinations, but by the router:
 * everything else they reach as before. Of a host that DNS resolves, these are its allowed networks. Pods are admitted
 * by a selector of their own, because some networks do not match pods by address.
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
    if (identified === undefined) return [];
    const unknown = unknownHosts(identified);
    if (this.isSettled || unknown.length > 0) return unknown;
    this.isSettled = true;
    const destinations = destinationsOf(identified);
    const except = (wanted: Family) => {
      const found = destinations.filter(({ address }) => address.family === wanted).map(({ text }) => text);
      return found.length === 0 ? undefined : [...new Set(found)];
    };
    const { NetworkPolicyIpBlock } = kplus;
    this.networkPolicy.addEgressRule(NetworkPolicyIpBlock.ipv4(this, 'Ipv4', '0.0.0.0/0', except(4)));
    this.networkPolicy.addEgressRule(NetworkPolicyIpBlock.ipv6(this, 'Ipv6', '::/0', except(6)));
    return [];
  }
}

/** The networks of a router's destinations: single addresses, and those that the names of hosts may lead to. */
function destinationsOf({ rules, hosts, fallback }: RouterSpec): Cidr[] {
  const addresses = [...rules.map(({ destination }) => destination), ...(fallback === undefined ? [] : [fallback])];
  return [
    ...addresses.map((address) => cidr(address, bitsOf(address.family))),
    ...hosts.flatMap(({ allowedCidrs = [] }) => allowedCidrs),
  ];
}

/** The hosts that DNS may lead anywhere: no policy can keep clients from them. */
function unknownHosts({ hosts }: RouterSpec): string[] {
  const isBounded = ({ addresses, allowedCidrs }: Host) =>
    addresses.length > 0 || (allowedCidrs?.every(({ prefixLength }) => prefixLength > 0) ?? false);
  const unknown = hosts.filter((host) => !isBounded(host));
  if (unknown.length === 0) return [];
  const problem = 'may lead anywhere by DNS, which no policy can forbid to clients';
  const accepted = 'addresses of each host, or allowedCidrs other than 0.0.0.0/0 and ::/0';
  return [issueText({ path: 'hosts', value: unknown.map(({ name }) => name), problem, accepted })];
}
