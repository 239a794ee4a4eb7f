import { valueText } from '../../src/domain/input/value-text';
import { CniError, CODES } from './cni-error';
import type { Invocation } from './invocation';

/**
 * Refuses a pod of another namespace than the configuration's `podNamespace`. Multus attaches pods of any namespace
 * unless its `namespaceIsolation` is on, so that a pod could take the reserved address of another namespace's router
 * while that one restarts. A runtime that does not say the namespace is refused too: the key asks for a proof.
 *
 * @throws CniError with code 110
 */
export function refuseOtherNamespace({ config, podNamespace }: Pick<Invocation, 'config' | 'podNamespace'>): void {
  const allowed = config.podNamespace;
  if (allowed === undefined || podNamespace === allowed) return;
  const pod =
    podNamespace === undefined
      ? 'CNI_ARGS has no K8S_POD_NAMESPACE'
      : `the pod is in namespace ${valueText(podNamespace)}`;
  throw new CniError(
    CODES.OTHER_NAMESPACE,
    `${pod}, and only pods of namespace "${allowed}" may use network ${config.name}`,
    `podNamespace: "${allowed}" of the configuration; accepted: K8S_POD_NAMESPACE=${allowed} in CNI_ARGS, which Kubernetes' runtimes set`,
  );
}
