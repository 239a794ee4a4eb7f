import { namespaceOf, removeAttachment, removeRecord } from '../data-plane/attachment';
import type { Log } from '../log/log';
import { CniError, CODES, toCniError } from '../protocol/cni-error';
import type { Removal } from '../protocol/invocation';

/**
 * Removes the router from the pod. It needs only the runtime's names, not a valid configuration; missing objects and a
 * missing namespace count as removed.
 */
export function del(invocation: Removal, log: Log): void {
  const report = (problem: string) => log.error(problem);
  const namespace = namespaceOf(invocation, report, invocation.netns);
  if (namespace === undefined) {
    removeRecord(invocation);
    log.verbose(`${invocation.ifname}: the namespace is gone, with everything in it`);
    return;
  }
  using opened = namespace;
  failOnRemains(removeAttachment(invocation, opened, report));
  log.verbose(`${invocation.ifname} removed`);
}

/** Reports everything that could not be removed. */
export function failOnRemains(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  const errors = failures.map(toCniError);
  throw new CniError(
    errors[0]?.code ?? CODES.KERNEL,
    'not everything could be removed',
    errors.map(({ message }) => message).join('\n'),
  );
}
