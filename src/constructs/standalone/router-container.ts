import { Duration, Lazy, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import type { NameResolver } from '../../domain/router/name-resolver';
import type { NetworkConfig } from '../../domain/router/network-config';
import { serveConfig } from '../../domain/router/serve-config';
import type { RouterNames } from '../router-names';
import type { ContainerOptions } from './container-options';
import { CONFIG_FILE, CONFIG_FOLDER, SERVICES_FILE } from './router-config-map';
import { neededCapabilities, type RouterFeatures } from './router-features';

/** Name of the container's one port, which answers `/readyz`, `/livez` and `/metrics`. */
export const HEALTH_PORT_NAME = 'health';

/** The variable with the address of the pod's node. */
const NODE_ADDRESS = 'NODE_ADDRESS';

/** The variables with what a pod of a pair has to know of itself, by the flag that takes each. */
const OF_POD: Readonly<Record<string, readonly [variable: string, path: kplus.EnvFieldPaths]>> = {
  pod: ['POD_NAME', kplus.EnvFieldPaths.POD_NAME],
  namespace: ['POD_NAMESPACE', kplus.EnvFieldPaths.POD_NAMESPACE],
  node: ['NODE_NAME', kplus.EnvFieldPaths.NODE_NAME],
  'pod-addresses': ['POD_IPS', kplus.EnvFieldPaths.POD_IPS],
};

export interface RouterContainerOptions {
  readonly names: RouterNames;
  readonly container: ContainerOptions;
  readonly features: RouterFeatures;
  readonly image: string;
  readonly healthPort: number;
  /** How the process resolves names; absent: it does not. */
  readonly resolver?: NameResolver;
  /** What ADD will apply; asked for when all rules are there. */
  readonly networkConfig: () => NetworkConfig;
  /** Has the configuration with live rules, and the Services of a pair. */
  readonly configMap?: kplus.ConfigMap;
}

/**
 * The container of the router's process. Its root file system is read-only, and its arguments hold what it needs alone.
 */
export function routerContainer(scope: Construct, options: RouterContainerOptions): kplus.ContainerProps {
  const { names, container, features, image, healthPort: port, configMap } = options;
  return {
    name: names.container,
    image,
    imagePullPolicy: container.imagePullPolicy,
    command: ['/egress-router'],
    args: serveArguments(options),
    envVariables: variables(options),
    ports: [{ name: HEALTH_PORT_NAME, number: port, protocol: kplus.Protocol.TCP }],
    ...probes(port),
    resources: container.resources ?? measuredResources(features),
    securityContext: securityContext(features),
    volumeMounts: configMap && [{ path: CONFIG_FOLDER, volume: configVolume(scope, configMap), readOnly: true }],
  };
}

/**
 * An idle process was measured at 47 to 60 MiB; with ten thousand rules, scraped ten times a second, at 75, with peaks
 * of 132.
 */
function measuredResources({ liveRules, ruleMetrics, standby }: RouterFeatures): kplus.ContainerResources {
  const limit = Size.mebibytes(liveRules || ruleMetrics || standby ? 256 : 128);
  // A pod that gets no time on a busy node for a quarter of a second has to begin anew to count its peer's silence.
  const request = kplus.Cpu.millis(standby ? 100 : 10);
  return { cpu: { request }, memory: { request: Size.mebibytes(64), limit } };
}

/** Whether the container's user is root: Kubernetes gives added capabilities to no other. */
export function runsAsRoot(features: RouterFeatures): boolean {
  return neededCapabilities(features).length > 0;
}

/**
 * The process has its configuration in its arguments, because a change of the configuration restarts the pod in any
 * case; rules that change while it runs are in a file, so that the process starts even when the file has a mistake.
 */
function serveArguments(options: RouterContainerOptions): string[] {
  const { names, features, networkConfig, resolver } = options;
  const { namespace, router } = names;
  const config = Lazy.any({ produce: () => configArgument(networkConfig()) });
  const name = namespace === undefined ? router : `${namespace}/${router}`;
  const words = ['serve', `--router=${name}`, config as unknown as string];
  if (features.liveRules) words.push(`--config-file=${CONFIG_FILE}`, '--live-rules');
  // Kubernetes fills in the variable: an answer of DNS that is the node's address is not used.
  if (resolver !== undefined) words.push(`--node-address=$(${NODE_ADDRESS})`);
  if (features.ruleMetrics) words.push('--rule-metrics');
  if (features.watchConflicts) words.push('--watch-conflicts');
  return features.standby ? [...words, ...standbyArguments(options)] : words;
}

/** Kubernetes fills in the variables. */
function standbyArguments({ container: { standbyKeySecret } }: RouterContainerOptions): string[] {
  return [
    '--standby',
    ...Object.entries(OF_POD).map(([flag, [variable]]) => `--${flag}=$(${variable})`),
    `--services-file=${SERVICES_FILE}`,
    ...(standbyKeySecret === undefined ? [] : [`--key-secret=${standbyKeySecret.name}`]),
  ];
}

function variables({ resolver, features }: RouterContainerOptions): Record<string, kplus.EnvValue> | undefined {
  const ofNode = resolver === undefined ? [] : [[NODE_ADDRESS, kplus.EnvFieldPaths.NODE_IP] as const];
  const all = [...ofNode, ...(features.standby ? Object.values(OF_POD) : [])];
  if (all.length === 0) return undefined;
  return Object.fromEntries(all.map(([name, path]) => [name, kplus.EnvValue.fromFieldRef(path)]));
}

function configArgument(config: NetworkConfig): string {
  return `--config=${JSON.stringify(serveConfig(config))}`;
}

/**
 * The most bytes of one argument, without the zero at its end.
 *
 * @see https://elixir.bootlin.com/linux/latest/source/include/uapi/linux/binfmts.h MAX_ARG_STRLEN
 */
const MOST_ARGUMENT_BYTES = 32 * 4096 - 1;

/** What the kernel will refuse about the arguments. With rules counted, they have the names and ports of all hosts. */
export function argumentIssues(config: NetworkConfig): Issue[] {
  const bytes = Buffer.byteLength(configArgument(config));
  if (bytes <= MOST_ARGUMENT_BYTES) return [];
  const problem = `hosts make an argument of ${bytes} bytes with ruleMetrics, and Linux takes ${MOST_ARGUMENT_BYTES}`;
  const accepted = 'fewer hosts or ports, no ruleMetrics, or liveRules, with which the process reads them from a file';
  return [{ path: 'hosts', value: config.hosts.length, problem, accepted }];
}

/**
 * The process checks the router once a second. kubelet probes as often, and takes a broken router out of its Service
 * within two seconds more. There is no startup probe: the process answers at once, and that of cdk8s-plus would probe
 * every ten seconds.
 */
function probes(port: number): Pick<kplus.ContainerProps, 'readiness' | 'liveness'> {
  return {
    readiness: kplus.Probe.fromHttpGet('/readyz', {
      port,
      periodSeconds: Duration.seconds(1),
      timeoutSeconds: Duration.seconds(1),
      failureThreshold: 2,
    }),
    liveness: kplus.Probe.fromHttpGet('/livez', {
      port,
      periodSeconds: Duration.seconds(10),
      timeoutSeconds: Duration.seconds(2),
      failureThreshold: 3,
    }),
  };
}

/** Without a capability, whatever user the image or the cluster has for it, as long as it is not root. */
function securityContext(features: RouterFeatures): kplus.ContainerSecurityContextProps {
  const add = neededCapabilities(features);
  const seccompProfile = { type: kplus.SeccompProfileType.RUNTIME_DEFAULT };
  const drop = [kplus.Capability.ALL];
  if (!runsAsRoot(features)) return { capabilities: { drop }, seccompProfile };
  return { user: 0, group: 0, ensureNonRoot: false, capabilities: { drop, add }, seccompProfile };
}

function configVolume(scope: Construct, configMap: kplus.ConfigMap): kplus.Volume {
  return kplus.Volume.fromConfigMap(scope, 'Config', configMap, { name: 'config' });
}
