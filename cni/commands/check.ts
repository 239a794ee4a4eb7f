import { dataPlane } from '../../src/domain/data-plane/data-plane';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { differences } from '../data-plane/differences';
import { observe } from '../data-plane/observe';
import { linkBelow, lowerIndex, parentInterface } from '../data-plane/parent-interface';
import { Pod } from '../data-plane/pod';
import { primaryInterface } from '../data-plane/primary-interface';
import { expectedTable } from '../data-plane/rules-in-force';
import { readTable } from '../netlink/nftables/table';
import { findLink } from '../netlink/route/link';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { Namespace } from '../netns/namespace';
import { CniError, CODES } from '../protocol/cni-error';
import type { Invocation } from '../protocol/invocation';

/** Compares what ADD made with what the kernel holds. @throws CniError that names each difference */
export function check({ config, netns, ifname }: Invocation): void {
  using host = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket on the node');
  using namespace = Namespace.open(netns);
  using pod = Pod.open(namespace);
  const link = findLink(pod.route, ifname);
  const parent = parentInterface(host, config, link && linkBelow(host, pod.route, link));
  const primary = primaryInterface(pod.route, config.options.primaryInterface);
  const table = readTable(pod.netfilter, TABLE_NAME);
  const plane = dataPlane(config, ifname, primary, expectedTable(config, { link: ifname, primary }, table));
  const found = differences(plane, observe(pod, plane, table), { ...parent, index: lowerIndex(parent) });
  if (found.length === 0) return;
  throw new CniError(CODES.DIFFERENT, `${ifname} differs from what ADD made: ${found[0]}`, found.join('\n'));
}
