import type { DataPlane, Sysctl } from '../../src/config/data-plane';
import {
  type Attachment,
  type AttachmentRecord,
  readRecord,
  removeRecord,
  writeRecord,
} from '../data-plane/attachment-store';
import { readSetting } from '../data-plane/kernel-setting';
import { Pod } from '../data-plane/pod';
import { removeDataPlane } from '../data-plane/remove';
import type { Namespace } from '../netns/namespace';

/** What a runtime says about whose interface it is. */
interface Call {
  readonly containerId: string;
  readonly ifname: string;
  readonly network: string;
}

export function attachmentOf({ containerId, ifname, network }: Call): Attachment {
  return { network, containerId, ifname };
}

/** Notes what has to be known to take the attachment away again, before anything is changed. */
export function recordAttachment(attachment: Attachment, namespace: Namespace, plane: DataPlane): AttachmentRecord {
  const { identity, path } = namespace;
  const earlier = readRecord(attachment);
  // An ADD that was killed has changed the settings already: its record has what they were.
  const isContinued = earlier?.identity.inode === identity.inode && earlier.identity.device === identity.device;
  const previous = isContinued ? earlier.previous : namespace.run(() => settingsOfNamespace(plane));
  const record = { netns: path, identity, previous };
  writeRecord(attachment, record);
  return record;
}

/** What ADD changes for the whole namespace, as it is now; settings of the link end with it. */
function settingsOfNamespace({ sysctls, link }: DataPlane): Sysctl[] {
  return sysctls
    .filter(({ path }) => !path.includes(`/conf/${link.name}/`))
    .flatMap(({ path }) => {
      const value = readSetting(path);
      return value === undefined ? [] : [{ path, value, isOptional: true }];
    });
}

/**
 * Takes an attachment away, pod and record. The record stays when something could not be removed: the next try needs it.
 *
 * @returns what could not be removed
 */
export function removeAttachment(attachment: Attachment, namespace: Namespace): unknown[] {
  using pod = Pod.open(namespace);
  const failures = removeDataPlane(pod, attachment.ifname, readRecord(attachment));
  if (failures.length === 0) removeRecord(attachment);
  return failures;
}
