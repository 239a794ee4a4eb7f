import { Duration, Lazy, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import type { NameResolver } from '../../domain/router/name-resolver';
import type { NetworkConfig } from '../../domain/router/network-config';
import { serveConfig } from '../../domain/router/serve-config';
import type { RouterNames } from '../router-names';
import type { ContainerOptions } from './container-options';
import { CONFIG_FILE, CONFIG_FOLDER } from './router-config-map';
import { neededCapabilities, type RouterFeatures } from './router-features';

/** Name of the container's one port, which answers `/readyz`, `/livez` and `/metrics`. */
export const HEALTH_PORT_NAME = 'health';

/** The variable with the address of the pod's node. */
const NODE_ADDRESS = 'NODE_ADDRESS';

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
  /** Has the configuration, with live rules. */
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
    envVariables: options.resolver && { [NODE_ADDRESS]: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.NODE_IP) },
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
function measuredResources({ liveRules, ruleMetrics }: RouterFeatures): kplus.ContainerResources {
  const limit = Size.mebibytes(liveRules || ruleMetrics ? 256 : 128);
  return { cpu: { request: kplus.Cpu.millis(10) }, memory: { request: Size.mebibytes(64), limit } };
}

/** Whether the container's user is root: Kubernetes gives added capabilities to no other. */
export function runsAsRoot(features: RouterFeatures): boolean {
  return neededCapabilities(features).length > 0;
}

/**
 * The process has its configuration in its arguments, because a change of the configuration restarts the pod in any
 * case; rules that change while it runs are in a file, so that the process starts even when the file has a mistake.
 */
function serveArguments({ names, features, networkConfig, configMap, resolver }: RouterContainerOptions): string[] {
  const { namespace, router } = names;
  const config = Lazy.any({ produce: () => configArgument(networkConfig()) });
  const name = namespace === undefined ? router : `${namespace}/${router}`;
  const words = ['serve', `--router=${name}`, config as unknown as string];
  if (configMap !== undefined) words.push(`--config-file=${CONFIG_FILE}`, '--live-rules');
  // Kubernetes fills in the variable: an answer of DNS that is the node's address is not used.
  if (resolver !== undefined) words.push(`--node-address=$(${NODE_ADDRESS})`);
  if (features.ruleMetrics) words.push('--rule-metrics');
  if (features.watchConflicts) words.push('--watch-conflicts');
  return words;
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
