import { type DataPlane, isSettingOf, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { Namespace, NamespaceError } from '../netns/namespace';
import { type Attachment, type AttachmentRecord, readRecord, removeRecord, writeRecord } from './attachment-store';
import { readSetting } from './kernel-setting';
import { Pod } from './pod';
import { removeDataPlane } from './remove';

/** What a runtime says about whose interface it is. */
interface Call {
  readonly containerId: string;
  readonly ifname: string;
  readonly network: string;
}

export function attachmentOf({ containerId, ifname, network }: Call): Attachment {
  return { network, containerId, ifname };
}

/** The note of an attachment, and whether an earlier ADD of the same had one. */
interface Note {
  readonly record: AttachmentRecord;
  readonly isContinued: boolean;
}

/** Notes what has to be known to take the attachment away again, before anything is changed. */
export function recordAttachment(attachment: Attachment, namespace: Namespace, plane: DataPlane): Note {
  const { identity, path } = namespace;
  const earlier = readRecord(attachment);
  // An ADD that was killed has changed the settings already: its record has what they were.
  const isContinued = earlier?.identity.inode === identity.inode && earlier.identity.device === identity.device;
  const previous = isContinued ? earlier.previous : namespace.run(() => settingsOfNamespace(plane));
  const record = { netns: path, identity, previous };
  writeRecord(attachment, record);
  return { record, isContinued };
}

/** What ADD changes for the whole namespace, as it is now; settings of the link end with it. */
function settingsOfNamespace({ sysctls, link }: DataPlane): Sysctl[] {
  return sysctls
    .filter((setting) => !isSettingOf(link.name, setting))
    .flatMap(({ path }) => {
      const value = readSetting(path);
      return value === undefined ? [] : [{ path, value, isOptional: true }];
    });
}

/**
 * The namespace of an attachment, unless it ended. A path may lead to another pod's by now, or to the node's, `/proc/PID/ns/net` when
 * the number was given out again: the record knows which one it was.
 *
 * @param given the runtime's path, if it has one
 */
export function namespaceOf(attachment: Attachment, given?: string): Namespace | undefined {
  const path = given ?? readRecord(attachment)?.netns;
  const namespace = path === undefined ? undefined : openUnlessGone(path);
  // Read when nobody else has the namespace: until then, an ADD could write it.
  const record = readRecord(attachment);
  if (namespace === undefined || record === undefined) return namespace;
  const { device, inode } = namespace.identity;
  if (device === record.identity.device && inode === record.identity.inode) return namespace;
  namespace[Symbol.dispose]();
  return undefined;
}

function openUnlessGone(path: string): Namespace | undefined {
  try {
    return Namespace.open(path);
  } catch (error) {
    if (error instanceof NamespaceError && error.isGone) return undefined;
    throw error;
  }
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
