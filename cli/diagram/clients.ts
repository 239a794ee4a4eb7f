import { type KubernetesObject, member, record, texts } from '../input/kubernetes-object';
import type { Router } from '../input/router';

type Json = Readonly<Record<string, unknown>>;

const ANYBODY = 'any pod of the cluster';

/** The label that Kubernetes gives every namespace: its name. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/**
 * Who may use the router, a line each: what its NetworkPolicies admit, together.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
 */
export function clientLines({ config, objects: { policies } }: Router): readonly string[] {
  const restricting = policies.filter(({ body }) => isAboutIngress(body));
  if (restricting.length === 0) return [ANYBODY];
  const lines = new Set(restricting.flatMap((policy) => peersOf(policy, config.options.healthPort)));
  if (lines.size === 0) return ['nobody (by NetworkPolicy)'];
  return lines.has(ANYBODY) ? [ANYBODY] : [...lines];
}

/** Without `policyTypes`, every policy is. */
function isAboutIngress(body: Json): boolean {
  const types = member(body, 'spec', 'policyTypes');
  return !Array.isArray(types) || types.includes('Ingress');
}

/** A rule without peers admits everybody; no rule, nobody. Who may read the router's metrics and no more is no client. */
function peersOf({ body, metadata }: KubernetesObject, healthPort: number | undefined): string[] {
  return list(member(body, 'spec', 'ingress')).flatMap((rule) => {
    const ports = list(rule.ports);
    if (ports.length > 0 && ports.every(({ port }) => port === healthPort)) return [];
    const peers = list(rule.from);
    return peers.length === 0 ? [ANYBODY] : peers.map((peer) => peerText(peer, metadata.namespace));
  });
}

function peerText({ ipBlock, namespaceSelector, podSelector }: Json, own: string | undefined): string {
  const block = record(ipBlock);
  if (block !== undefined) {
    const except = Array.isArray(block.except) && block.except.length > 0 ? ` except ${block.except.join(', ')}` : '';
    return `addresses ${block.cidr}${except}`;
  }
  const pods = selectorText(podSelector);
  const podText = pods === undefined ? 'any pod' : `pods ${pods}`;
  if (namespaceSelector === undefined) return own === undefined ? podText : `${podText} in namespace ${own}`;
  const name = onlyName(namespaceSelector);
  if (name !== undefined) return `${podText} in namespace ${name}`;
  const namespaces = selectorText(namespaceSelector);
  if (namespaces === undefined) return pods === undefined ? ANYBODY : `${podText} in any namespace`;
  return `${podText} in namespaces ${namespaces}`;
}

function onlyName(selector: unknown): string | undefined {
  const labels = Object.entries(texts(member(selector, 'matchLabels')));
  const isAlone = labels.length === 1 && list(member(selector, 'matchExpressions')).length === 0;
  return isAlone && labels[0]![0] === NAMESPACE_NAME ? labels[0]![1] : undefined;
}

/** In the way of `kubectl get --selector`; nothing for a selector that takes everything. */
function selectorText(selector: unknown): string | undefined {
  const labels = Object.entries(texts(member(selector, 'matchLabels'))).map(([name, value]) => `${name}=${value}`);
  const terms = [...labels, ...list(member(selector, 'matchExpressions')).map(expressionText)];
  return terms.length === 0 ? undefined : terms.join(', ');
}

function expressionText({ key, operator, values }: Json): string {
  if (operator === 'Exists') return String(key);
  if (operator === 'DoesNotExist') return `!${key}`;
  const word = operator === 'NotIn' ? 'notin' : 'in';
  return `${key} ${word} (${(Array.isArray(values) ? values : []).join(', ')})`;
}

function list(value: unknown): Json[] {
  return (Array.isArray(value) ? value : []).map((item) => record(item) ?? {});
}
