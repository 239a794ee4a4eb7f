import { addTo } from '../../src/domain/input/collections';
import { valueText } from '../../src/domain/input/value-text';
import { INSTANCE_LABEL, NAME_LABEL, NAME_LABEL_VALUE } from '../../src/domain/router/object-names';
import { type KubernetesObject, member, records, texts } from './kubernetes-object';
import type { ObjectIndex } from './object-index';
import { peerNamespace } from './peer-namespace';
import type { RouterProblem } from './router';

/** The label by which cdk8s-plus selects the pods of one workload: a hash of its place in the program. */
const ADDRESS_LABEL = 'cdk8s.io/metadata.addr';

/** Where the labels of pods are in the kinds that `admit()` and `allowFrom()` take. */
const POD_LABELS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'metadata', 'labels'],
  StatefulSet: ['spec', 'template', 'metadata', 'labels'],
  DaemonSet: ['spec', 'template', 'metadata', 'labels'],
  Job: ['spec', 'template', 'metadata', 'labels'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels'],
  Pod: ['metadata', 'labels'],
};

/**
 * Clients that a router's policy admits in a namespace where they are not: Kustomize's `namespace` moves them, and not
 * the selectors of namespaces. Only a workload that the policy names by its label of cdk8s-plus is known to be meant:
 * any other label may be that of pods in a namespace that the input does not have.
 */
export function wrongClients(index: ObjectIndex): RouterProblem[] {
  const policies = index
    .ofKind('NetworkPolicy')
    .filter(({ metadata: { labels } }) => labels[NAME_LABEL] === NAME_LABEL_VALUE && labels[INSTANCE_LABEL]);
  if (policies.length === 0) return [];
  const workloads = workloadsByAddress(index);
  return policies.flatMap((policy) =>
    records(member(policy.body, 'spec', 'ingress')).flatMap((rule, at) =>
      records(rule.from).flatMap((peer) => problemOfPeer(workloads, policy, peer, `spec.ingress[${at}].from`)),
    ),
  );
}

type Workloads = ReadonlyMap<string, readonly KubernetesObject[]>;

function workloadsByAddress(index: ObjectIndex): Workloads {
  const found = new Map<string, KubernetesObject[]>();
  for (const [kind, path] of Object.entries(POD_LABELS)) {
    for (const object of index.ofKind(kind)) {
      const address = texts(member(object.body, ...path))[ADDRESS_LABEL];
      if (address !== undefined) addTo(found, address, object);
    }
  }
  return found;
}

function problemOfPeer(
  workloads: Workloads,
  policy: KubernetesObject,
  peer: Readonly<Record<string, unknown>>,
  path: string,
): RouterProblem[] {
  const address = texts(member(peer.podSelector, 'matchLabels'))[ADDRESS_LABEL];
  const named = peerNamespace(peer, policy);
  const [client, ...others] = (address !== undefined && workloads.get(address)) || [];
  const namespace = client?.metadata.namespace;
  // Which of several was meant is not known: the input may have a program's output for several environments.
  if (client === undefined || others.length > 0 || namespace === undefined) return [];
  if (named === undefined || named === namespace) return [];
  const { labels } = policy.metadata;
  const own = labels[INSTANCE_LABEL]!;
  const router = policy.metadata.namespace === undefined ? own : `${policy.metadata.namespace}/${own}`;
  const text =
    `${policy.place}: NetworkPolicy ${policy.metadata.name}: ${path}: ${valueText(named)} is not the namespace of ` +
    `${client.kind} ${client.metadata.name}, and router ${router} does not admit it; accepted: ${valueText(namespace)} ` +
    '(Kustomize does not change selectors of namespaces: synthesize the policy for each environment)';
  return [{ router, text }];
}
