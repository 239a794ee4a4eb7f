import { attachmentOf, namespaceOf, removeAttachment } from '../data-plane/attachment';
import { removeRecord } from '../data-plane/attachment-store';
import type { Log } from '../log';
import { CniError, CODES, toCniError } from '../protocol/cni-error';
import type { Removal } from '../protocol/invocation';

/**
 * Takes the router from the pod. Works from the runtime's names alone, so it does whatever became of the configuration; what
 * is gone already counts as done, the namespace too.
 */
export function del(invocation: Removal, log: Log): void {
  const attachment = attachmentOf(invocation);
  const namespace = namespaceOf(attachment, invocation.netns);
  if (namespace === undefined) {
    removeRecord(attachment);
    log.verbose(`${invocation.ifname}: the namespace is gone, and everything with it`);
    return;
  }
  using opened = namespace;
  failOnRemains(removeAttachment(attachment, opened));
  log.verbose(`${invocation.ifname} removed`);
}

/** Says everything that could not be removed. */
export function failOnRemains(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  const errors = failures.map(toCniError);
  throw new CniError(
    errors[0]?.code ?? CODES.KERNEL,
    'not everything could be removed',
    errors.map(({ message }) => message).join('\n'),
  );
}
