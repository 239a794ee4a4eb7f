import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { DNS_PORT } from '../../domain/data-plane/own-services';
import type { NameResolver } from '../../domain/router/name-resolver';
import { bitsOf } from '../../domain/values/cidr';
import type { Family } from '../../domain/values/ip-address';
import { pairPorts } from '../clients/pair-ports';
import { addOwnPatch, dropEmptyPorts, keepPatches } from '../patch-keeper';
import { objectMetadata, type RouterNames } from '../router-names';

/** What the process itself starts on the cluster network. */
export interface OwnConnections {
  /** How it resolves names; absent: it does not. */
  readonly resolver?: NameResolver;
  /** Whether it talks to the other pod of a pair, and to the API server. */
  readonly standby: boolean;
}

/** The ports of API servers, as policies see them: that of their Service, and that of the server itself. */
const API_PORTS = [443, 6443];

/**
 * The NetworkPolicy that denies what the router's pod itself starts on the cluster network: its process needs nothing
 * there but DNS servers, where they are asked from the pod's own address, and with a standby the other pod and the API
 * server; and answers to clients belong to the clients' connections, which no policy stops while its controller
 * remembers them (docs/timeouts.md). Packets of net1 are not the cluster network's.
 */
export function routerEgressPolicy(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  { resolver, standby }: OwnConnections,
): kplus.NetworkPolicy {
  const own = kplus.Pods.select(scope, 'OwnPods', { labels: { ...names.selector } });
  const policy = new kplus.NetworkPolicy(scope, 'EgressPolicy', {
    metadata: objectMetadata(names, names.egressPolicy, metadata),
    selector: own,
    egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
  });
  dropEmptyPorts(ApiObject.of(policy), 'egress');
  for (const [index, peer] of serversOf(scope, resolver).entries()) {
    const ports = [kplus.NetworkPolicyPort.udp(DNS_PORT), kplus.NetworkPolicyPort.tcp(DNS_PORT)];
    policy.addEgressRule(peer(`DnsServer${index}`), ports);
  }
  if (standby) {
    policy.addEgressRule(own, pairPorts());
    // By port alone: its addresses are not known at synth, and some networks match them by no network of addresses.
    const ports = API_PORTS.map((value) => ({ port: { value }, protocol: 'TCP' }));
    addOwnPatch(ApiObject.of(policy), JsonPatch.add('/spec/egress/-', { ports }));
  }
  keepPatches(policy);
  return policy;
}

/** The DNS servers that the pod's own address asks: the node's are not known at synth. */
function serversOf(
  scope: Construct,
  resolver: NameResolver | undefined,
): ((id: string) => kplus.NetworkPolicyIpBlock)[] {
  if (resolver === undefined || resolver.source === 'reserved') return [];
  const { NetworkPolicyIpBlock } = kplus;
  const networks = resolver.servers?.map(({ family, text }) => cidrOf(family, text)) ?? [
    cidrOf(4, '0.0.0.0', 0),
    cidrOf(6, '::', 0),
  ];
  return networks.map(
    ({ family, cidr }) =>
      (id) =>
        family === 4 ? NetworkPolicyIpBlock.ipv4(scope, id, cidr) : NetworkPolicyIpBlock.ipv6(scope, id, cidr),
  );
}

function cidrOf(family: Family, address: string, prefixLength: number = bitsOf(family)) {
  return { family, cidr: `${address}/${prefixLength}` };
}
