import { findParent, leadsHere, linkBelow, lowerIndex } from '../data-plane/parent-interface';
import { findLink, type Link, listLinks } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';
import type { Subject } from './subject';

/**
 * The parent interface, where the node can be seen: the one that the router's interface is made on, whatever the configuration or the
 * default route lead to by now. Without that interface, those are all there is to go by.
 */
export function parentLink({ node, pod, config, plane }: Subject): Link | undefined {
  if (node === undefined) return undefined;
  const link = findLink(pod.route, plane.link.name);
  const configured = findParent(node.route, config);
  if (link === undefined || (configured && lowerIndex(configured) === link.parentIndex)) return configured;
  return linkBelow(node.route, pod.route, link) ?? configured;
}

/** What the parent interface is called, as far as that is known. */
export function parentWords(subject: Subject): string {
  return parentLink(subject)?.name ?? subject.config.macvlan.master ?? 'the parent interface';
}

/**
 * Whether this process is in the namespace of the pod's node: where the other end of one of the pod's interfaces is. Interfaces that were
 * moved into the pod have none; then there is nothing that speaks against it.
 *
 * @param pod a socket of the pod's namespace
 */
export function isNodeOf(pod: NetlinkSocket): boolean {
  const telling = listLinks(pod).filter(({ parentNamespaceId }) => parentNamespaceId !== undefined);
  return telling.length === 0 || telling.some((link) => leadsHere(pod, link));
}
