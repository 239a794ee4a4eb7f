import { member, record, records, texts } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { admittedPorts, EVERY_PORT } from './admitted-ports';
import { firstLines } from './visible-text';

type Json = Readonly<Record<string, unknown>>;

/** The line of a router that no policy restricts. */
export const ANYBODY = 'any pod of the cluster';

/** The label that Kubernetes gives every namespace: its name. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/**
 * The clients that a router's NetworkPolicies admit together, one per line. A line without ports means all ports of the
 * router.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
 */
export function clientLines(router: Router): readonly string[] {
  const restricting = router.objects.policies.filter(({ body }) => isAboutIngress(body));
  if (restricting.length === 0) return [ANYBODY];
  const admitted = new Map<string, Set<string>>();
  for (const { body, metadata } of restricting) {
    for (const { from, ports } of records(member(body, 'spec', 'ingress'))) {
      for (const peer of peerTexts(from, metadata.namespace)) addAll(admitted, peer, admittedPorts(ports, router));
    }
  }
  if (admitted.get(ANYBODY)?.has(EVERY_PORT)) return [ANYBODY];
  const lines = [...admitted].flatMap(([peer, ports]) => (ports.size === 0 ? [] : [clientLine(peer, ports)]));
  return lines.length === 0 ? ['no clients (by NetworkPolicy)'] : lines;
}

function addAll(admitted: Map<string, Set<string>>, peer: string, ports: readonly string[]): void {
  admitted.set(peer, new Set([...(admitted.get(peer) ?? []), ...ports]));
}

/** More ports than this are counted, not named. */
const MOST_PORTS = 4;

function clientLine(peer: string, ports: ReadonlySet<string>): string {
  return ports.has(EVERY_PORT) ? peer : `${peer}, at ${firstLines([...ports], MOST_PORTS).join(', ')}`;
}

/** Without `policyTypes`, every policy is an ingress policy. */
function isAboutIngress(body: Json): boolean {
  const types = member(body, 'spec', 'policyTypes');
  return !Array.isArray(types) || types.includes('Ingress');
}

/** A rule without peers admits every client. */
function peerTexts(from: unknown, own: string | undefined): string[] {
  const peers = records(from);
  return peers.length === 0 ? [ANYBODY] : peers.map((peer) => peerText(peer, own));
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
  const isAlone = labels.length === 1 && records(member(selector, 'matchExpressions')).length === 0;
  return isAlone && labels[0]![0] === NAMESPACE_NAME ? labels[0]![1] : undefined;
}

/** In the syntax of `kubectl get --selector`; nothing for a selector that matches everything. */
function selectorText(selector: unknown): string | undefined {
  const labels = Object.entries(texts(member(selector, 'matchLabels'))).map(([name, value]) => `${name}=${value}`);
  const terms = [...labels, ...records(member(selector, 'matchExpressions')).map(expressionText)];
  return terms.length === 0 ? undefined : terms.join(', ');
}

function expressionText({ key, operator, values }: Json): string {
  if (operator === 'Exists') return String(key);
  if (operator === 'DoesNotExist') return `!${key}`;
  const word = operator === 'NotIn' ? 'notin' : 'in';
  return `${key} ${word} (${(Array.isArray(values) ? values : []).join(', ')})`;
}
