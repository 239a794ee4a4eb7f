import { UsageError } from '../../cli/flags';
import { dataPlane } from '../../src/domain/data-plane/data-plane';
import { decodeConfigWithoutRules, type NetworkConfig } from '../../src/domain/router/network-config';
import { PRIMARY_INTERFACE, ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { primaryInterface } from '../data-plane/primary-interface';
import { findLink } from '../netlink/route/link';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { Namespace } from '../netns/namespace';
import { CniError } from '../protocol/cni-error';
import { readConfig } from '../serve/read-config';
import { ServeError } from '../serve/serve-error';
import { type ServeOptions, serveOptions, withRulesOfFile } from '../serve/serve-options';
import { configOfKernel } from './config-of-kernel';
import { deploymentOfNetwork, deploymentOfRouter, kubectl } from './deployment';
import type { Finding } from './finding';
import {
  findProcess,
  hasName,
  isSameFile,
  nameOf,
  namespaceInode,
  OWN_NAMESPACE,
  type RouterProcess,
} from './router-process';
import { isNodeOf, type NamespaceView, namespaceView, ownNamespace, type Subject } from './subject';

/** The arguments that select a router: `NAMESPACE/NAME` of its process, or a configuration. */
export interface RouterChoice {
  readonly router: string | undefined;
  /** A path, the name of a namespace of `ip netns`, or the number of a process. */
  readonly netns: string | undefined;
  /** JSON. */
  readonly config: string | undefined;
  readonly configFile: string | undefined;
  /** The router's interface in the pod. */
  readonly interfaceName: string | undefined;
}

/** Thrown if neither its configuration can be read, nor the kernel has its interface. */
export type Unexaminable = Pick<Subject, 'router' | 'mistakes'>;

/** The data about a router before it is examined. */
interface RouterFacts
  extends Pick<Subject, 'router' | 'hasName' | 'deployment' | 'knowsRules' | 'mistakes' | 'nodeAddress'> {
  /** Absent if it cannot be read. */
  readonly config: NetworkConfig | undefined;
  readonly linkName: string;
}

/**
 * Finds the router to examine: by its process, or by the flags.
 *
 * @throws UsageError if none or several are found
 */
export function findRouter(choice: RouterChoice): Subject | Unexaminable {
  const path = namespacePath(choice.netns);
  const given = fromGivenConfig(choice);
  const named = path === undefined ? undefined : viewAt(path);
  // With a configuration, a named process is only needed for its namespace.
  const isWanted = given === undefined || (path === undefined && choice.router !== undefined);
  const process = isWanted ? findProcess(choice.router, path) : undefined;
  const known = given ?? (process && fromProcess(process, choice));
  if (known === undefined) throw new UsageError(`doctor: ${whatToGive(path)}`);
  const view = named ?? viewOfProcess(process, known.linkName);
  return subject(known, view, resolvConf(process, view));
}

/** The pod's resolv.conf, which is not the node's. */
function resolvConf(process: RouterProcess | undefined, view: NamespaceView | 'own'): Pick<Subject, 'resolvConf'> {
  if (process === undefined && view !== 'own') return {};
  const root = process && rootOf(process);
  return { resolvConf: { path: '/etc/resolv.conf', ...(root === undefined ? {} : { root }) } };
}

function whatToGive(path: string | undefined): string {
  if (path !== undefined) return `no router process runs in ${path}: pass --config-file=PATH or --config=JSON`;
  return "no router process runs here: run doctor in the router's pod, or on its node as root";
}

/** The namespace at a path; nothing if it is the own one. */
function viewAt(path: string): NamespaceView | 'own' {
  return namespaceInode(path) === namespaceInode(OWN_NAMESPACE) ? 'own' : namespaceView(Namespace.openToLook(path));
}

function viewOfProcess(process: RouterProcess | undefined, linkName: string): NamespaceView | 'own' {
  if (process === undefined) return 'own';
  if (process.namespace !== undefined) return viewAt(`/proc/${process.pid}/ns/net`);
  // In the pod, reading its own process may be forbidden.
  using route = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket');
  if (findLink(route, linkName) !== undefined) return 'own';
  throw new UsageError(
    `doctor: the network namespace of process ${process.pid} cannot be read without root (SYS_PTRACE) on the node`,
  );
}

function subject(
  { config: read, linkName, ...known }: RouterFacts,
  view: NamespaceView | 'own',
  files: Pick<Subject, 'resolvConf'>,
): Subject | Unexaminable {
  const pod = view === 'own' ? ownNamespace() : view;
  const outside = view === 'own' ? {} : nodeView(pod);
  const config = read ?? configOfKernel(pod.route, outside.node?.route, linkName);
  if (config === undefined) return known;
  const plane = dataPlane(config, linkName, primary(pod.route, config));
  return { ...known, config, isGuessed: read === undefined, plane, pod, ...outside, ...files };
}

/** What a process outside of the pod can also examine. */
function nodeView(pod: NamespaceView): Pick<Subject, 'node' | 'isElsewhere'> {
  return isNodeOf(pod.route) ? { node: ownNamespace() } : { isElsewhere: true };
}

/** If it is missing, that is a finding. */
function primary(route: NetlinkSocket, config: NetworkConfig): string {
  try {
    return primaryInterface(route, config);
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    return config.options.primaryInterface ?? PRIMARY_INTERFACE;
  }
}

/** A path, the name of a namespace of `ip netns`, or a process. */
function namespacePath(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('/')) return text;
  return /^\d+$/.test(text) ? `/proc/${text}/ns/net` : `/var/run/netns/${text}`;
}

/** The root of the process' mounts; nothing for one that has the mounts of this process. */
function rootOf({ pid, namespace }: RouterProcess): string | undefined {
  // Without permission: in the pod.
  if (namespace === undefined) return undefined;
  const root = `/proc/${pid}/root`;
  const isOwn = namespace === namespaceInode(OWN_NAMESPACE) && isSameFile(`${root}/`, '/');
  return isOwn ? undefined : root;
}

function fromProcess(process: RouterProcess, { interfaceName }: RouterChoice): RouterFacts {
  const root = rootOf(process);
  const linkName = interfaceName ?? process.flags.value('interface') ?? ROUTER_INTERFACE;
  const base = { hasName: hasName(process), linkName };
  const options = unlessBroken(() => optionsOf(process, root));
  if (options instanceof ServeError) return { ...base, ...withoutRules(nameOf(process), options) };
  const { nodeAddress } = options;
  const { name } = options.config;
  const router = hasName(process) ? nameOf(process) : name;
  const config = unlessBroken(() => withRulesOfFile(options, root));
  if (config instanceof ServeError) return { ...base, ...withoutRules(router, config, options.config) };
  const deployment = deploymentOfRouter(router, name);
  const knowsRules = options.configFile !== undefined;
  const node = nodeAddress === undefined ? {} : { nodeAddress };
  return { ...base, router, deployment, config, knowsRules, mistakes: [], ...node };
}

/** A router with an invalid file. @param config what is known of it anyway */
function withoutRules(router: string, error: ServeError, config?: NetworkConfig) {
  const deployment = deploymentOfRouter(router, config?.name);
  return { router, deployment, config, knowsRules: false, mistakes: [brokenFile(router, error, config?.name)] };
}

/** Its program may be of another version than this one. */
function optionsOf(process: RouterProcess, root: string | undefined): ServeOptions {
  try {
    return serveOptions(process.flags, root);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const problem = error.message.replace(/^serve: /, '');
    throw new UsageError(`doctor: the command line of process ${process.pid}, ${nameOf(process)}: ${problem}`);
  }
}

function unlessBroken<T>(read: () => T): T | ServeError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ServeError) return error;
    throw error;
  }
}

function fromGivenConfig(choice: RouterChoice): RouterFacts | undefined {
  const { router, config: text, configFile: file } = choice;
  if (text !== undefined && file !== undefined) {
    throw new UsageError('doctor: --config and --config-file exclude each other');
  }
  if (text === undefined && file === undefined) return undefined;
  const [source, what] = text === undefined ? [{ file: file! }, `--config-file ${file}`] : [{ text }, '--config'];
  const refuse = (problem: string) => new UsageError(`doctor: ${what}: ${problem}`);
  const config = readConfig(source, decodeConfigWithoutRules, refuse);
  return {
    router: router ?? config.name,
    hasName: router !== undefined,
    deployment: router === undefined ? deploymentOfNetwork(config.name) : deploymentOfRouter(router, config.name),
    config,
    knowsRules: config.rules.length + config.fallbacks.length > 0 && !config.options.liveRules,
    mistakes: [],
    linkName: choice.interfaceName ?? ROUTER_INTERFACE,
  };
}

/**
 * The file of a router process with its configuration or rules.
 *
 * @param error names the file and its problem
 * @param network the name of its network, if known
 */
export function brokenFile(router: string, { message }: Error, network?: string): Finding {
  return {
    id: 'configuration',
    problem: `The router's process rejects its file: ${message}.`,
    explanation:
      'It keeps the previous configuration until the file is valid. The file is a ConfigMap that was edited by hand or written in part.',
    commands: [
      kubectl(deploymentOfRouter(router), ['get', '--output', 'yaml'], 'configmap'),
      kubectl(deploymentOfRouter(router, network), ['logs']),
    ],
  };
}
