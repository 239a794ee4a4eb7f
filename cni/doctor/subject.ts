import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { findParent, leadsHere, linkBelow, lowerIndex } from '../data-plane/parent-interface';
import { findLink, type Link, listLinks } from '../netlink/route/link';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import type { Namespace } from '../netns/namespace';
import { type Deployment, kubectl } from './deployment';
import type { Finding } from './finding';

/** A network namespace, and what is asked there. */
export interface NamespaceView {
  readonly route: NetlinkSocket;
  /** Does something synchronous within the namespace; sockets opened there stay there. */
  readonly run: <T>(action: () => T) => T;
}

/** A router that is examined. */
export interface Subject {
  /** `namespace/name`, or the name of its network. */
  readonly router: string;
  /** Whether that is a name by which its process is found, and not its network's. */
  readonly hasName: boolean;
  readonly deployment: Deployment;
  readonly config: NetworkConfig;
  /**
   * Whether its rules are those that should be in force: the pod's own process may be told none, and live rules go on
   * from the attachment's.
   */
  readonly knowsRules: boolean;
  /** What is wrong with what its process was told. */
  readonly mistakes: readonly Finding[];
  /** Its configuration is made of what the kernel has, which therefore cannot be compared with it. */
  readonly isGuessed: boolean;
  readonly plane: DataPlane;
  readonly pod: NamespaceView;
  /** The node; absent when the examination runs in the pod, or elsewhere. */
  readonly node?: NamespaceView;
  /** It runs in a namespace that is neither the pod's nor the node's. */
  readonly isElsewhere?: true;
}

/** The namespace that this process is in. */
export function ownNamespace(): NamespaceView {
  return { route: NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket'), run: (action) => action() };
}

export function namespaceView(namespace: Namespace): NamespaceView {
  return {
    route: namespace.run(() => NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket in the pod')),
    run: (action) => namespace.run(action),
  };
}

/** Makes the pod anew, and with it everything that ADD makes. */
export function restartCommand({ deployment }: Pick<Subject, 'deployment'>): string {
  return kubectl(deployment, 'rollout restart');
}

/** Where more can be seen. */
export function nodeCommand({ router, hasName }: Pick<Subject, 'router' | 'hasName'>): string {
  return hasName
    ? `egress-router doctor --router=${router}   # as root on the router's node`
    : "egress-router doctor --netns=PID --config-file=PATH   # as root on the router's node: the number of a process of the pod";
}

/**
 * The parent interface, where the node can be seen: the one that the router's interface is made on, whatever the
 * configuration or the default route lead to by now. Without that interface, those are all there is to go by.
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
 * Whether this process is in the namespace of the pod's node: where the other end of one of the pod's interfaces is.
 * Interfaces that were moved into the pod have none; then there is nothing that speaks against it.
 *
 * @param pod a socket of the pod's namespace
 */
export function isNodeOf(pod: NetlinkSocket): boolean {
  const telling = listLinks(pod).filter(({ parentNamespaceId }) => parentNamespaceId !== undefined);
  return telling.length === 0 || telling.some((link) => leadsHere(pod, link));
}
