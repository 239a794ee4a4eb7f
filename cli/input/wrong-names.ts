import { valueText } from '../../src/domain/input/value-text';
import { INSTANCE_LABEL, NAME_LABEL, NAME_LABEL_VALUE, OPERATOR_LABEL } from '../../src/domain/router/object-names';
import { type KubernetesObject, member, records, texts } from './kubernetes-object';
import { hasAll, takes } from './label-selector';
import type { ObjectIndex } from './object-index';
import { peerNamespace } from './peer-namespace';
import type { RouterProblem } from './router';

/**
 * Names of a router that stand in other objects as texts, which Kustomize's `namePrefix`, `nameSuffix` and `namespace`
 * do not change: Services in the lines of a CoreDNS, and the router's namespace in the policies of clients.
 */
export function wrongNames(index: ObjectIndex): RouterProblem[] {
  return [...ledElsewhere(index), ...admittedElsewhere(index)];
}

/** What leads a host to its Service in a CoreDNS: host, name and namespace of the Service. */
const REWRITE = /\brewrite name exact (\S+) ([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.\S+ answer auto/g;

/** The texts with lines of a Corefile, by their path in the object. */
const COREFILES: Readonly<Record<string, (body: KubernetesObject['body']) => [string, string][]>> = {
  ConfigMap: (body) => Object.entries(texts(member(body, 'data'))).map(([key, text]) => [`data["${key}"]`, text]),
  HelmChartConfig: (body) => [['spec.valuesContent', String(member(body, 'spec', 'valuesContent') ?? '')]],
};

function ledElsewhere(index: ObjectIndex): RouterProblem[] {
  const services = index.ofKind('Service').filter(({ metadata }) => metadata.labels[NAME_LABEL] === NAME_LABEL_VALUE);
  return Object.entries(COREFILES).flatMap(([kind, corefiles]) =>
    index.ofKind(kind).flatMap((object) =>
      corefiles(object.body).flatMap(([path, text]) =>
        [...text.matchAll(REWRITE)].flatMap(([, host, name, namespace]) => {
          const [found, ...others] = renamed(services, name!, namespace!);
          if (found === undefined) return [];
          const accepted = [found, ...others].map(({ metadata }) => valueText(fullName(metadata)));
          const problem =
            `${object.place}: ${kind} ${object.metadata.name}: ${path}: ${valueText(`${name}.${namespace}`)} is not a ` +
            `Service in the input, and pods do not resolve ${host}; accepted: ${accepted.join(', ')} (Kustomize does not ` +
            'change the lines of a CoreDNS: synthesize them for each environment)';
          return [{ router: routerOf(found), text: problem }];
        }),
      ),
    ),
  );
}

/** Services that have this name with a prefix or suffix, or in another namespace; none where the named one exists. */
function renamed(services: readonly KubernetesObject[], name: string, namespace: string): KubernetesObject[] {
  const isThere = ({ metadata }: KubernetesObject) =>
    metadata.name === name && (metadata.namespace ?? namespace) === namespace;
  if (services.some(isThere)) return [];
  return services.filter(({ metadata }) => metadata.name.startsWith(name) || metadata.name.endsWith(name));
}

function fullName({ name, namespace }: KubernetesObject['metadata']): string {
  return namespace === undefined ? name : `${name}.${namespace}`;
}

function routerOf({ metadata: { name, namespace, labels } }: KubernetesObject): string {
  const own = labels[INSTANCE_LABEL] || name;
  return namespace === undefined ? own : `${namespace}/${own}`;
}

interface RouterPods {
  readonly labels: Readonly<Record<string, string>>;
  /** The Deployment, or the resource that the operator makes one of. */
  readonly madeBy: KubernetesObject;
}

/** The pods of routers, also of those whose network is not found. */
function podsIn(index: ObjectIndex): RouterPods[] {
  return [
    ...index
      .ofKind('Deployment')
      .filter(({ metadata }) => metadata.labels[NAME_LABEL] === NAME_LABEL_VALUE)
      .map((madeBy) => ({
        labels: texts(member(madeBy.body, 'spec', 'template', 'metadata', 'labels')),
        madeBy,
      })),
    ...index.ofKind('EgressRouter').map((madeBy) => ({ labels: OPERATOR_LABEL, madeBy })),
  ];
}

/** Policies of clients that admit to the pods of a router, in a namespace where it is not. */
function admittedElsewhere(index: ObjectIndex): RouterProblem[] {
  const pods = podsIn(index);
  return index
    .ofKind('NetworkPolicy')
    .flatMap((policy) =>
      records(member(policy.body, 'spec', 'egress')).flatMap((rule, at) =>
        records(rule.to).flatMap((peer) => problemOfPeer(pods, policy, peer, `spec.egress[${at}].to`)),
      ),
    );
}

function problemOfPeer(
  pods: readonly RouterPods[],
  policy: KubernetesObject,
  peer: Readonly<Record<string, unknown>>,
  path: string,
): RouterProblem[] {
  const named = peerNamespace(peer, policy);
  if (named === undefined || !namesRouter(peer)) return [];
  const taken = pods.filter(({ labels }) => takes(peer.podSelector, labels));
  const [first, ...others] = taken;
  const namespace = first?.madeBy.metadata.namespace;
  // Which of several was meant is not known.
  if (first === undefined || others.length > 0 || namespace === undefined || namespace === named) return [];
  const router = routerOf(first.madeBy);
  const text =
    `${policy.place}: NetworkPolicy ${policy.metadata.name}: ${path}: ${valueText(named)} is not the namespace of ` +
    `router ${router}, and clients do not reach it; accepted: ${valueText(namespace)} (Kustomize does not change ` +
    'selectors of namespaces: synthesize the policy for each environment)';
  return [{ router, text }];
}

/** Not a peer of any pods, such as the cluster's DNS. */
function namesRouter({ podSelector }: Readonly<Record<string, unknown>>): boolean {
  const labels = texts(member(podSelector, 'matchLabels'));
  return labels[INSTANCE_LABEL] !== undefined || hasAll(OPERATOR_LABEL, labels);
}
