import { type DataPlane, dataPlane } from '../../src/domain/data-plane/data-plane';
import { markedByPlace } from '../../src/domain/data-plane/marked-rules';
import { type Neighbour, neighboursOf } from '../../src/domain/router/serve-config';
import { primaryInterface } from '../data-plane/primary-interface';
import { findLink } from '../netlink/route/link';
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { CniError } from '../protocol/cni-error';
import { ownVersion } from '../protocol/usage';
import { RESIGN_MS } from '../standby/pair-timers';
import { requireCapability } from './capability';
import { isReady } from './check-result';
import { ConflictWatch } from './checks/conflict-watch';
import { GatewayCheck } from './checks/gateway-check';
import { KernelCheck } from './checks/kernel-check';
import { HealthServer } from './health-server';
import { LiveRules } from './live-rules/live-rules';
import { Loop } from './loop';
import { KERNEL_RULES } from './metrics/kernel-rule-reader';
import { Metrics } from './metrics/metrics';
import { HostNames } from './names/host-names';
import { HolderPart } from './pair/holder-part';
import { openPair, type ServedPair } from './pair/serve-pair';
import { Readiness } from './readiness';
import { ServeError } from './serve-error';
import type { ServeLog } from './serve-log';
import type { ServeOptions } from './serve-options';
import type { ServePart } from './serve-part';

/** The dependencies of the parts. */
interface ServeContext {
  readonly options: ServeOptions;
  readonly log: ServeLog;
  /** A socket of the pod's namespace, which is the process' own. */
  readonly route: NetlinkSocket;
  readonly plane: DataPlane;
  readonly metrics: Metrics;
}

/**
 * Runs until SIGTERM or SIGINT.
 *
 * @returns on a signal
 * @throws ServeError if it cannot start
 */
export async function runServe(options: ServeOptions, log: ServeLog): Promise<void> {
  const end = new End();
  using stack = new DisposableStack();
  const route = stack.use(NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket'));
  const plane = planeOf(route, options);
  // Of a router with live rules the file says the hosts, and they are asked for when the health port is open.
  const hosts = () => live?.hosts ?? options.config.hosts;
  const ofNames = options.config.resolver === undefined ? {} : { names: () => names?.names ?? [] };
  const { pair: ofPair, ...features } = options;
  const pair = ofPair && (() => served!.pair);
  const sync = ofPair && (() => served!.connections.figures);
  const own = { version: ownVersion(), log, reader: KERNEL_RULES, hosts };
  const metrics = new Metrics({ ...features, ...own, ...ofNames, ...(pair && { pair }), ...(sync && { sync }) });
  const context = { options, log, route, plane, metrics };
  const live: LiveRules | undefined = liveRules(context);
  const names: HostNames | undefined = hostNames(context, live);
  const served: ServedPair | undefined = await servedPair(context, live, stack);
  const parts = partsOf(context, live, names, served);
  for (const part of parts) stack.defer(() => part[Symbol.dispose]?.());
  const readiness = new Readiness(log);
  const loop = stack.use(
    new Loop(parts, {
      found: (results) => {
        readiness.update(results);
        metrics.checked(results);
        served?.slices.setReady(isReady(results));
        health.closeOld();
      },
      failed: end.fail,
    }),
  );
  const source = { readiness, loop, metrics };
  const health = stack.use(await HealthServer.listen({ port: options.healthPort, source, log }));
  log.info('serving', startFields(options, neighboursToProbe(options, live)));
  loop.start();
  served?.pair.start(end.fail);
  log.info('stopping', { signal: await end.reached });
  if (served !== undefined) await inTime(served.pair.end());
}

/** Milliseconds in which a pod leaves the address to its standby: longer than it waits for that. */
const LEAVE_MS = RESIGN_MS + 1000;

async function inTime(ended: Promise<void>): Promise<void> {
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
}

/** The pod's part of a pair, of a router with a standby. */
async function servedPair(
  { options: { pair: options, config }, ...context }: ServeContext,
  live: LiveRules | undefined,
  stack: DisposableStack,
): Promise<ServedPair | undefined> {
  if (options === undefined) return undefined;
  const byPlace = markedByPlace(config);
  return openPair(stack, { ...context, options, config, rules: () => live?.inForce ?? byPlace });
}

/** The parts that run once a second, in this order. */
function partsOf(
  { options, log, route, plane, metrics }: ServeContext,
  live: LiveRules | undefined,
  names: HostNames | undefined,
  served: ServedPair | undefined,
): ServePart[] {
  const { config, interfaceName } = options;
  if (options.ruleMetrics) requireCapability('NET_ADMIN', 'rule-metrics');
  const addresses = config.addresses.map(({ cidr }) => cidr.address);
  const watch = () => new ConflictWatch({ route, interfaceName, addresses, log, events: metrics });
  const gateway = () => new GatewayCheck(route, interfaceName, () => neighboursToProbe(options, live));
  return [
    new KernelCheck(route, plane),
    ...(served === undefined ? [gateway()] : [served.check, served.connections]),
    ...(live === undefined ? [] : [live]),
    ...(names === undefined ? [] : [names]),
    ...(options.watchConflicts
      ? [served === undefined ? watch() : new HolderPart(['conflict'], served.pair, watch)]
      : []),
  ];
}

/** The peer of an address without a gateway is a destination of the rules in force. */
function neighboursToProbe({ config }: ServeOptions, live: LiveRules | undefined): Neighbour[] {
  const needsRules = config.addresses.some(({ gateway }) => gateway === undefined);
  return neighboursOf(needsRules && live !== undefined ? live.router : config);
}

/** The rules of the file, with live rules. */
function liveRules({ options, log, route, plane, metrics }: ServeContext): LiveRules | undefined {
  const { configFile, config } = options;
  if (!options.liveRules || configFile === undefined) return undefined;
  requireCapability('NET_ADMIN', 'live-rules');
  // Open until the process ends.
  const netfilter = NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket');
  const interfaces = { link: plane.link.name, primary: plane.primaryInterface };
  return new LiveRules({ configFile, config, interfaces }, { netfilter, route }, log, metrics);
}

/** What resolves the hosts without addresses, with live rules. */
function hostNames({ options, log }: ServeContext, live: LiveRules | undefined): HostNames | undefined {
  const { config, nodeAddress } = options;
  const { resolver, addresses } = config;
  if (live === undefined || resolver === undefined) return undefined;
  return new HostNames({ resolver, addresses, ...(nodeAddress === undefined ? {} : { nodeAddress }) }, live, log);
}

/** @throws ServeError in a namespace without a router */
function planeOf(route: NetlinkSocket, { config, interfaceName }: ServeOptions): DataPlane {
  if (findLink(route, interfaceName) === undefined) {
    throw new ServeError(
      `no interface ${interfaceName} in this network namespace: run serve in a router's pod after the plugin has set it up (--interface)`,
    );
  }
  try {
    return dataPlane(config, interfaceName, primaryInterface(route, config));
  } catch (error) {
    throw error instanceof CniError ? new ServeError(error.message) : error;
  }
}

/** The first line of the log. */
function startFields(
  { config, interfaceName, healthPort, ...options }: ServeOptions,
  asked: readonly Neighbour[],
): Record<string, unknown> {
  return {
    version: ownVersion(),
    interface: interfaceName,
    addresses: config.addresses.map(({ cidr }) => cidr.text),
    asks: asked.map(({ address }) => address.text),
    healthPort,
    liveRules: options.liveRules,
    ruleMetrics: options.ruleMetrics,
    watchConflicts: options.watchConflicts,
  };
}

/**
 * Waits for the end of this process. As a pod's first process it has no default signal handlers, so it sets its own.
 */
class End {
  /** The signal that ended it. */
  public readonly reached: Promise<string>;
  /** Ends it by an error, which the waiting function throws. */
  public readonly fail: (error: unknown) => void;

  public constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.reached = promise;
    this.fail = reject;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  }
}
