import {
  type Attachment,
  listAttachments,
  namespaceOf,
  removeAttachment,
  removeRecord,
} from '../data-plane/attachment';
import type { Log } from '../log/log';
import type { GarbageCollection } from '../protocol/invocation';
import { failOnRemains } from './del';

/**
 * Removes the routers of this network's attachments that the runtime no longer lists. Other networks are not affected.
 */
export function gc({ network, validAttachments }: GarbageCollection, log: Log): void {
  if (validAttachments === undefined) {
    log.verbose('the runtime gave no list of valid attachments: cannot tell which ones are stale');
    return;
  }
  const isValid = ({ containerId, ifname }: Attachment) =>
    validAttachments.some((valid) => valid.containerId === containerId && valid.ifname === ifname);
  const stale = listAttachments(network).filter((attachment) => !isValid(attachment));
  failOnRemains(stale.flatMap((attachment) => collectUnlessFailed(attachment, log)));
}

function collect(attachment: Attachment, log: Log): unknown[] {
  log.verbose(`collecting ${attachment.ifname} of ${attachment.containerId}`);
  const report = (problem: string) => log.error(problem);
  const namespace = namespaceOf(attachment, report);
  if (namespace === undefined) {
    removeRecord(attachment);
    return [];
  }
  using opened = namespace;
  return removeAttachment(attachment, opened, report);
}

/** An attachment that fails does not affect the others. */
function collectUnlessFailed(attachment: Attachment, log: Log): unknown[] {
  try {
    return collect(attachment, log);
  } catch (error) {
    return [error];
  }
}
