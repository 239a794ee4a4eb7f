import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { findParent, leadsHere, linkBelow, lowerIndex } from '../data-plane/parent-interface';
import { findLink, type Link, listLinks } from '../netlink/route/link';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import type { Namespace } from '../netns/namespace';
import { type Deployment, kubectl } from './deployment';
import type { Finding } from './finding';
import { type ShellCommand, shellCommand } from './shell-command';

/** A network namespace with a socket in it. */
export interface NamespaceView {
  readonly route: NetlinkSocket;
  /** Runs a synchronous function within the namespace; sockets opened there stay there. */
  readonly run: <T>(action: () => T) => T;
  /** Runs an asynchronous function within the namespace, beside which nothing else runs. */
  readonly runAlone: <T>(action: () => Promise<T>) => Promise<T>;
}

/** A file of the pod: its path, and the root directory of the path, unless it is the one of this process. */
export interface PodFile {
  readonly path: string;
  readonly root?: string;
}

/** A router under examination. */
export interface Subject {
  /** `namespace/name`, or the name of its network. */
  readonly router: string;
  /** Whether that name selects its process, and is not its network's. */
  readonly hasName: boolean;
  readonly deployment: Deployment;
  readonly config: NetworkConfig;
  /**
   * Whether its rules are those that should be in force: the pod's own process may have no rules, and live rules
   * replace the attachment's.
   */
  readonly knowsRules: boolean;
  /** The problem of its process' configuration. */
  readonly mistakes: readonly Finding[];
  /** Whether its configuration was reconstructed from the kernel, and so cannot be compared with it. */
  readonly isGuessed: boolean;
  readonly plane: DataPlane;
  readonly pod: NamespaceView;
  /** The node; absent if the examination runs in the pod, or elsewhere. */
  readonly node?: NamespaceView;
  /** The pod's own; absent if doctor does not see the pod's files. */
  readonly resolvConf?: PodFile;
  /** A flag of the router's process; absent without it. */
  readonly nodeAddress?: IpAddress;
  /** Whether it runs in a namespace that is neither the pod's nor the node's. */
  readonly isElsewhere?: true;
}

/** The namespace of this process. */
export function ownNamespace(): NamespaceView {
  return {
    route: NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket'),
    run: (action) => action(),
    runAlone: (action) => action(),
  };
}

export function namespaceView(namespace: Namespace): NamespaceView {
  return {
    route: namespace.run(() => NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket in the pod')),
    run: (action) => namespace.run(action),
    runAlone: (action) => namespace.runAlone(action),
  };
}

/** Recreates the pod, and with it everything that ADD makes. */
export function restartCommand({ deployment }: Pick<Subject, 'deployment'>): ShellCommand {
  return kubectl(deployment, ['rollout', 'restart']);
}

/** The command to run on the node, which can examine more. */
export function nodeCommand({ router, hasName }: Pick<Subject, 'router' | 'hasName'>): ShellCommand {
  return hasName
    ? shellCommand`egress-router doctor --router=${router}   # as root on the router's node`
    : shellCommand`egress-router doctor --netns=PID --config-file=PATH   # as root on the router's node: the number of a process of the pod`;
}

/**
 * The parent interface, if the node is accessible: the actual parent of the router's interface, even if the
 * configuration or the default route select another one now. Without that interface, these are used.
 */
export function parentLink({ node, pod, config, plane }: Subject): Link | undefined {
  if (node === undefined) return undefined;
  const link = findLink(pod.route, plane.link.name);
  const configured = findParent(node.route, config);
  if (link === undefined || (configured && lowerIndex(configured) === link.parentIndex)) return configured;
  return linkBelow(node.route, pod.route, link) ?? configured;
}

/** The name of the parent interface, if known. */
export function parentWords(subject: Subject): string {
  return parentLink(subject)?.name ?? subject.config.macvlan.master ?? 'the parent interface';
}

/**
 * Whether this process is in the namespace of the pod's node, which has the peer of one of the pod's interfaces.
 * Interfaces that were moved into the pod have no peer; then it is assumed.
 *
 * @param pod a socket of the pod's namespace
 */
export function isNodeOf(pod: NetlinkSocket): boolean {
  const telling = listLinks(pod).filter(({ parentNamespaceId }) => parentNamespaceId !== undefined);
  return telling.length === 0 || telling.some((link) => leadsHere(pod, link));
}
