import { createHash } from 'node:crypto';
import { ApiObject, type Chart, Duration, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { IMAGE, NAMESPACE, networkConfig, type RouterInput, serveArguments } from './input';

const NO_MESH = {
  'istio.io/dataplane-mode': 'none',
  'kuma.io/sidecar-injection': 'disabled',
  'sidecar.istio.io/inject': 'false',
};

/** The same objects with cdk8s-plus only: the difference is this library's own share. */
export function plus(chart: Chart, { name, octets }: RouterInput): void {
  const config = networkConfig(name, octets);
  const labels = { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name };
  const metadata = { name, namespace: NAMESPACE, labels };
  new ApiObject(chart, `${name}-network`, {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata,
    spec: { config: JSON.stringify(config, undefined, 2) },
  });
  new kplus.NetworkPolicy(chart, `${name}-own-egress`, {
    metadata: { ...metadata, name: `${name}-own-egress` },
    selector: kplus.Pods.select(chart, `${name}-pods`, { labels }),
    egress: { default: kplus.NetworkPolicyTrafficDefault.DENY },
  });
  const deployment = new kplus.Deployment(chart, `${name}-deployment`, {
    metadata,
    replicas: 1,
    strategy: kplus.DeploymentStrategy.recreate(),
    select: false,
    podMetadata: {
      labels: { ...labels, ...NO_MESH },
      annotations: {
        'consul.hashicorp.com/connect-inject': 'false',
        'linkerd.io/inject': 'disabled',
        'cdk8s-egress-router/network-config-hash': createHash('sha256')
          .update(JSON.stringify(config))
          .digest('hex')
          .slice(0, 32),
        'k8s.v1.cni.cncf.io/networks': `[{"name":"${name}","interface":"net1","namespace":"${NAMESPACE}"}]`,
      },
    },
    containers: [container(serveArguments(name, octets))],
    automountServiceAccountToken: false,
    terminationGracePeriod: Duration.seconds(5),
  });
  deployment.select(kplus.LabelSelector.of({ labels }));
  deployment.podMetadata.addLabel(kplus.Pod.ADDRESS_LABEL, name);
  tolerate(deployment, 'node.kubernetes.io/unreachable', 2);
  tolerate(deployment, 'node.kubernetes.io/not-ready', 10);
  const podSpec = '/spec/template/spec';
  ApiObject.of(deployment).addJsonPatch(
    JsonPatch.add(`${podSpec}/enableServiceLinks`, false),
    JsonPatch.remove('/spec/minReadySeconds'),
    JsonPatch.remove(`${podSpec}/hostNetwork`),
    JsonPatch.remove(`${podSpec}/setHostnameAsFqdn`),
  );
  service(chart, name, metadata);
}

function container(args: string[]): kplus.ContainerProps {
  return {
    name: 'egress-router',
    image: IMAGE,
    imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
    command: ['/egress-router'],
    args,
    ports: [{ name: 'health', number: 9180, protocol: kplus.Protocol.TCP }],
    readiness: kplus.Probe.fromHttpGet('/readyz', {
      port: 9180,
      periodSeconds: Duration.seconds(1),
      timeoutSeconds: Duration.seconds(1),
      failureThreshold: 2,
    }),
    liveness: kplus.Probe.fromHttpGet('/livez', {
      port: 9180,
      periodSeconds: Duration.seconds(10),
      timeoutSeconds: Duration.seconds(2),
      failureThreshold: 3,
    }),
    resources: {
      cpu: { request: kplus.Cpu.millis(10) },
      memory: { request: Size.mebibytes(64), limit: Size.mebibytes(128) },
    },
    securityContext: {
      capabilities: { drop: [kplus.Capability.ALL] },
      seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
    },
  };
}

function tolerate(deployment: kplus.Deployment, key: string, seconds: number): void {
  const taint = kplus.NodeTaintQuery.exists(key, {
    effect: kplus.TaintEffect.NO_EXECUTE,
    evictAfter: Duration.seconds(seconds),
  });
  deployment.scheduling.tolerate(kplus.Node.tainted(taint));
}

function service(chart: Chart, name: string, metadata: kplus.ServiceProps['metadata']): void {
  const made = new kplus.Service(chart, `${name}-service`, {
    metadata,
    ports: [
      { name: 'udp-80', port: 80, protocol: kplus.Protocol.UDP },
      { name: 'tcp-8080', port: 8080, protocol: kplus.Protocol.TCP },
      { name: 'tcp-8443', port: 8443, protocol: kplus.Protocol.TCP },
    ],
  });
  made.selectLabel('app.kubernetes.io/name', 'egress-router');
  made.selectLabel('app.kubernetes.io/instance', name);
  ApiObject.of(made).addJsonPatch(
    JsonPatch.remove('/spec/externalIPs'),
    JsonPatch.add('/spec/ipFamilyPolicy', 'SingleStack'),
    JsonPatch.add('/spec/ipFamilies', ['IPv4']),
  );
}
