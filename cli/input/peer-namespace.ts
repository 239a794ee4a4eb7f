import { type KubernetesObject, member, texts } from './kubernetes-object';

const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** The namespace of a policy's peer by its name; nothing where it is selected otherwise, or is not known. */
export function peerNamespace(
  { namespaceSelector }: Readonly<Record<string, unknown>>,
  { metadata }: KubernetesObject,
): string | undefined {
  if (namespaceSelector === undefined) return metadata.namespace;
  return texts(member(namespaceSelector, 'matchLabels'))[NAMESPACE_LABEL];
}
