import { createHash } from 'node:crypto';
import { ApiObject, type ApiObjectMetadata, Duration, JsonPatch, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { withoutRules } from '../../domain/router/besides-rules';
import { encodeNetworkConfig, type NetworkConfig } from '../../domain/router/network-config';
import { ROUTER_INTERFACE } from '../../domain/router/object-names';
import { MESH_OPT_OUT_ANNOTATIONS, MESH_OPT_OUT_LABELS } from '../mesh-opt-out';
import { addOwnPatch } from '../patch-keeper';
import { objectMetadata, type RouterNames } from '../router-names';
import type { Failover } from './failover';
import { type RouterContainerOptions, routerContainer, runsAsRoot } from './router-container';
import type { Scheduling } from './scheduling';

export interface RouterDeploymentOptions extends RouterContainerOptions {
  readonly metadata: ApiObjectMetadata;
  readonly failover: Failover;
  readonly scheduling: Scheduling;
  /** Of the pods of a pair, which talk to the API server; absent: the pod does not. */
  readonly serviceAccount?: kplus.ServiceAccount;
}

/** What decides how many pods a router has, and how they are replaced. */
interface Pods {
  readonly replicas: number;
  readonly strategy: kplus.DeploymentStrategy;
}

/** Two pods must not hold one address. */
const ONE: Pods = { replicas: 1, strategy: kplus.DeploymentStrategy.recreate() };

/** One after the other, so that one of them always has the address; they fit on two nodes. */
const PAIR: Pods = {
  replicas: 2,
  strategy: kplus.DeploymentStrategy.rollingUpdate({
    maxSurge: kplus.PercentOrAbsolute.absolute(0),
    maxUnavailable: kplus.PercentOrAbsolute.absolute(1),
  }),
};

/**
 * The Deployment of a standalone router. cdk8s-plus' defaults would break it: two replicas would hold one address, a
 * rolling update too, and one CPU is asked for a process that idles.
 */
export function routerDeployment(scope: Construct, options: RouterDeploymentOptions): kplus.Deployment {
  const { names, metadata, failover, scheduling, container, features, serviceAccount } = options;
  const deployment = new kplus.Deployment(scope, 'Deployment', {
    metadata: objectMetadata(names, names.deployment, metadata),
    ...(features.standby ? PAIR : ONE),
    select: false,
    podMetadata: {
      labels: { ...MESH_OPT_OUT_LABELS, ...names.selector },
      annotations: {
        ...MESH_OPT_OUT_ANNOTATIONS,
        'k8s.v1.cni.cncf.io/networks': networksAnnotation(names),
        'cdk8s-egress-router/network-config-hash': Lazy.any({
          produce: () => hash(atStart(options)),
        }) as unknown as string,
      },
    },
    containers: [routerContainer(scope, options)],
    dockerRegistryAuth: container.dockerRegistryAuth,
    // The node's servers are then in the pod's /etc/resolv.conf, and no others.
    ...(isAskingNode(options) ? { dns: { policy: kplus.DnsPolicy.DEFAULT } } : {}),
    serviceAccount,
    automountServiceAccountToken: features.standby,
    securityContext: { ensureNonRoot: !runsAsRoot(features) },
    // Enough for a holder to leave the address to its standby, which takes a second at most.
    terminationGracePeriod: Duration.seconds(5),
  });
  deployment.select(kplus.LabelSelector.of({ labels: { ...names.selector } }));
  // cdk8s-plus labels the pod with a hash of the construct's path: moving code would restart the router.
  deployment.podMetadata.addLabel(kplus.Pod.ADDRESS_LABEL, names.router);
  schedule(deployment, scheduling, failover);
  if (features.standby) {
    const pair = kplus.Pods.select(scope, 'PodsOfPair', { labels: { ...names.selector } });
    deployment.scheduling.separate(pair, { topology: kplus.Topology.HOSTNAME });
  }
  const podSpec = '/spec/template/spec';
  const patches = [
    // Service links would put a variable for every Service of the namespace into the process' environment.
    JsonPatch.add(`${podSpec}/enableServiceLinks`, false),
    // cdk8s-plus writes these zero values, which the API server drops: every apply would find a difference. Names are
    // cdk8s-plus' own here, because patches come before they are put into Kubernetes' spelling.
    JsonPatch.remove('/spec/minReadySeconds'),
    JsonPatch.remove(`${podSpec}/hostNetwork`),
    JsonPatch.remove(`${podSpec}/setHostnameAsFqdn`),
  ];
  const { priorityClassName } = scheduling;
  if (priorityClassName !== undefined) patches.push(JsonPatch.add(`${podSpec}/priorityClassName`, priorityClassName));
  addOwnPatch(ApiObject.of(deployment), ...patches);
  return deployment;
}

/**
 * Keeps one pod that works: a drain does not move the only one, and of a pair the second one only when the first is
 * ready. A router that is not ready may be moved.
 */
export function disruptionBudget(scope: Construct, names: RouterNames, metadata: ApiObjectMetadata): ApiObject {
  return new ApiObject(scope, 'PodDisruptionBudget', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(names, names.router, metadata),
    spec: { minAvailable: 1, selector: { matchLabels: names.selector }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  });
}

/** @see https://github.com/k8snetworkplumbingwg/multi-net-spec */
function networksAnnotation(names: RouterNames): string {
  const network = { name: names.networkAttachmentDefinition, interface: ROUTER_INTERFACE };
  return JSON.stringify([names.namespace === undefined ? network : { ...network, namespace: names.namespace }]);
}

function schedule(deployment: kplus.Deployment, scheduling: Scheduling, failover: Failover): void {
  const condition = (key: string, evictAfter: Duration) =>
    kplus.Node.tainted(kplus.NodeTaintQuery.exists(key, { effect: kplus.TaintEffect.NO_EXECUTE, evictAfter }));
  deployment.scheduling.tolerate(condition('node.kubernetes.io/unreachable', failover.evictFromUnreachableAfter));
  deployment.scheduling.tolerate(condition('node.kubernetes.io/not-ready', failover.evictFromNotReadyAfter));
  for (const node of scheduling.tolerate) deployment.scheduling.tolerate(node);
  for (const node of scheduling.attract) deployment.scheduling.attract(node);
}

/** Whether the process asks the node's DNS servers. */
function isAskingNode({ resolver }: RouterDeploymentOptions): boolean {
  return resolver !== undefined && resolver.servers === undefined;
}

/** What a pod is made with. Its hash rolls the pod when that changes; live rules change without that. */
function atStart({ networkConfig, features }: RouterDeploymentOptions): NetworkConfig {
  return features.liveRules ? withoutRules(networkConfig()) : networkConfig();
}

/** Half of a SHA-256 is enough to tell two configurations apart, and reads better. */
function hash(config: NetworkConfig): string {
  return createHash('sha256')
    .update(JSON.stringify(encodeNetworkConfig(config)))
    .digest('hex')
    .slice(0, 32);
}
