import { type DataPlane, dataPlane } from '../../src/domain/data-plane/data-plane';
import type { MarkedRules } from '../../src/domain/data-plane/marked-rules';
import { routerTable, TABLE_NAME } from '../../src/domain/data-plane/router-table';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { differences } from '../data-plane/differences';
import { observe } from '../data-plane/observe';
import { countStaleConnections } from '../data-plane/older-connections';
import { linkBelow, lowerIndex, parentInterface } from '../data-plane/parent-interface';
import { Pod } from '../data-plane/pod';
import { primaryInterface } from '../data-plane/primary-interface';
import { expectedRules } from '../data-plane/rules-in-force';
import { readReception } from '../data-plane/stale-connections';
import { readTable } from '../netlink/nftables/table';
import { findLink, type Link } from '../netlink/route/link';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { Namespace } from '../netns/namespace';
import { CniError, CODES } from '../protocol/cni-error';
import type { Invocation } from '../protocol/invocation';
import { refuseOtherNamespace } from '../protocol/pod-namespace';
import { findInterface, type PreviousResult } from '../protocol/result';

/** Compares what ADD made with what the kernel holds. @throws CniError that names each difference */
export function check(invocation: Invocation): void {
  const { config, netns, ifname, previousResult } = invocation;
  // A pod may be older than the key.
  refuseOtherNamespace(invocation);
  using host = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket on the node');
  using namespace = Namespace.open(netns);
  using pod = Pod.open(namespace);
  const link = findLink(pod.route, ifname);
  const parent = parentInterface(host, config, link && linkBelow(host, pod.route, link));
  const primary = primaryInterface(pod.route, config);
  const table = readTable(pod.netfilter, TABLE_NAME);
  const rules = expectedRules(config, table);
  const made = dataPlane(config, ifname, primary, routerTable(config, ifname, primary, rules));
  const plane = withMtuOfChain(made, link, previousResult);
  const found = [
    ...differences(plane, observe(pod, plane, table), { ...parent, index: lowerIndex(parent) }),
    ...staleConnections(pod, config, primary, rules),
  ];
  if (found.length === 0) return;
  throw new CniError(CODES.DIFFERENT, `${ifname} differs from what ADD made: ${found[0]}`, found.join('\n'));
}

/**
 * A later plugin of the chain may have set another MTU, which the result names. The configuration's stays right, too:
 * the kernel lowers the MTU with the parent's. Another MAC address is never right: switches know the router by it.
 */
function withMtuOfChain(plane: DataPlane, link: Link | undefined, result: PreviousResult | undefined): DataPlane {
  const mtu = result && findInterface(result, plane.link.name)?.mtu;
  return mtu !== undefined && mtu === link?.mtu ? { ...plane, link: { ...plane.link, mtu } } : plane;
}

/** With live rules, a change and the end of its connections are two moments, and `serve` takes care of both. */
function staleConnections(pod: Pod, config: NetworkConfig, primary: string, rules: MarkedRules): string[] {
  if (config.options.liveRules) return [];
  const count = countStaleConnections(pod, rules, () => readReception(pod.route, primary, config));
  if (count === 0) return [];
  return [`connections that contradict the rules: ${count}; they end with ADD, or with conntrack -D`];
}
