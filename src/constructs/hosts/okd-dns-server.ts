import { ApiObject, type ApiObjectMetadata, Duration, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { DNS_PORT } from '../../domain/data-plane/own-services';
import { INSTANCE_LABEL, NAME_LABEL } from '../../domain/router/object-names';
import { MESH_OPT_OUT_ANNOTATIONS, MESH_OPT_OUT_LABELS } from '../mesh-opt-out';
import { addOwnPatch } from '../patch-keeper';

/** Where CoreDNS listens, as a user without privileges, and the ports of its probes. */
export const LISTEN_PORT = 5353;
const HEALTH_PORT = 8080;
const READY_PORT = 8181;
const FOLDER = '/etc/coredns';

/** Plugins of CoreDNS that its probes need, and the one that reads a changed Corefile. */
export const SERVER_PLUGINS = [`health :${HEALTH_PORT}`, `ready :${READY_PORT}`, 'reload'];

export interface DnsServerOptions {
  readonly metadata: ApiObjectMetadata;
  readonly image: string;
  readonly clusterIp: string;
  /** Made at synth, when all hosts are there. */
  readonly corefile: string;
}

/** The objects of a small CoreDNS. */
export interface DnsServer {
  readonly configMap: kplus.ConfigMap;
  readonly deployment: kplus.Deployment;
  readonly service: kplus.Service;
}

/** A CoreDNS of two replicas, admitted by *restricted*, and by OKD's constraint `restricted-v2`. */
export function makeDnsServer(scope: Construct, options: DnsServerOptions): DnsServer {
  const selector = { [NAME_LABEL]: 'egress-router-dns', [INSTANCE_LABEL]: String(options.metadata.name) };
  const metadata = { ...options.metadata, labels: { ...options.metadata.labels, ...selector } };
  const configMap = new kplus.ConfigMap(scope, 'ConfigMap', { metadata, data: { Corefile: options.corefile } });
  const deployment = makeDeployment(scope, { ...options, metadata }, { selector, configMap });
  return { configMap, deployment, service: makeService(scope, { ...options, metadata }, selector) };
}

interface Parts {
  readonly selector: Readonly<Record<string, string>>;
  readonly configMap: kplus.ConfigMap;
}

function makeDeployment(scope: Construct, options: DnsServerOptions, { selector, configMap }: Parts): kplus.Deployment {
  const { metadata } = options;
  const deployment = new kplus.Deployment(scope, 'Deployment', {
    metadata,
    replicas: 2,
    select: false,
    podMetadata: {
      labels: { ...MESH_OPT_OUT_LABELS, ...selector },
      annotations: { ...MESH_OPT_OUT_ANNOTATIONS },
    },
    containers: [container(scope, options, configMap)],
    automountServiceAccountToken: false,
    // The node's DNS servers, which know the names below those of hosts.
    dns: { policy: kplus.DnsPolicy.DEFAULT },
  });
  deployment.select(kplus.LabelSelector.of({ labels: { ...selector } }));
  // cdk8s-plus labels the pod with a hash of the construct's path: moving code would restart CoreDNS.
  deployment.podMetadata.addLabel(kplus.Pod.ADDRESS_LABEL, String(metadata.name));
  const podSpec = '/spec/template/spec';
  addOwnPatch(
    ApiObject.of(deployment),
    JsonPatch.add(`${podSpec}/enableServiceLinks`, false),
    JsonPatch.add(`${podSpec}/topologySpreadConstraints`, [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selector },
      },
    ]),
    // Zero values, which the API server drops: every apply would find a difference.
    JsonPatch.remove('/spec/minReadySeconds'),
    JsonPatch.remove(`${podSpec}/hostNetwork`),
    JsonPatch.remove(`${podSpec}/setHostnameAsFqdn`),
  );
  return deployment;
}

function container(scope: Construct, { image }: DnsServerOptions, configMap: kplus.ConfigMap): kplus.ContainerProps {
  const port = (name: string, protocol: kplus.Protocol) => ({ name, number: LISTEN_PORT, protocol });
  const probe = (path: string, number: number) =>
    kplus.Probe.fromHttpGet(path, { port: number, periodSeconds: Duration.seconds(3), failureThreshold: 3 });
  return {
    name: 'coredns',
    image,
    imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
    args: ['-conf', `${FOLDER}/Corefile`],
    ports: [port('dns', kplus.Protocol.UDP), port('dns-tcp', kplus.Protocol.TCP)],
    readiness: probe('/ready', READY_PORT),
    liveness: probe('/health', HEALTH_PORT),
    resources: {
      cpu: { request: kplus.Cpu.millis(10) },
      memory: { request: Size.mebibytes(32), limit: Size.mebibytes(128) },
    },
    securityContext: {
      // The project's image has it as a capability of its file, without which the kernel does not start that.
      capabilities: { drop: [kplus.Capability.ALL], add: [kplus.Capability.NET_BIND_SERVICE] },
      seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
    },
    volumeMounts: [{ path: FOLDER, volume: kplus.Volume.fromConfigMap(scope, 'Config', configMap), readOnly: true }],
  };
}

function makeService(scope: Construct, { metadata, clusterIp }: DnsServerOptions, selector: Parts['selector']) {
  const service = new kplus.Service(scope, 'Service', { metadata, clusterIP: clusterIp });
  service.bind(DNS_PORT, { name: 'dns', targetPort: LISTEN_PORT, protocol: kplus.Protocol.UDP });
  service.bind(DNS_PORT, { name: 'dns-tcp', targetPort: LISTEN_PORT, protocol: kplus.Protocol.TCP });
  for (const [key, value] of Object.entries(selector)) service.selectLabel(key, value);
  addOwnPatch(ApiObject.of(service), JsonPatch.remove('/spec/externalIPs'));
  return service;
}
