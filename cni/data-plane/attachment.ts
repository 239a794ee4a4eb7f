import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DataPlane, isSettingOf, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { Namespace, NamespaceError } from '../netns/namespace';
import { type AttachmentRecord, readRecordFile, removeRecordFile, writeRecordFile } from './attachment-record';
import { readSetting } from './kernel-setting';
import { Pod } from './pod';
import { type Report, removeDataPlane } from './remove';

/** One pod's interface on one network, by the runtime's names. */
export interface Attachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** One file for each attachment. Like namespaces, the folder does not survive a reboot. */
export const ATTACHMENTS_FOLDER = '/run/egress-router/attachments';

/** The same, while it is written: ADD may be killed. */
const UNFINISHED_FOLDER = '/run/egress-router/unfinished';

function writeRecord(attachment: Attachment, record: AttachmentRecord): void {
  for (const folder of [ATTACHMENTS_FOLDER, UNFINISHED_FOLDER]) mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeRecordFile(fileOf(attachment), fileOf(attachment, UNFINISHED_FOLDER), record);
}

function readRecord(attachment: Attachment): AttachmentRecord | undefined {
  return readRecordFile(fileOf(attachment));
}

export function removeRecord(attachment: Attachment): void {
  for (const folder of [UNFINISHED_FOLDER, ATTACHMENTS_FOLDER]) removeRecordFile(fileOf(attachment, folder));
}

/** The attachments of one network that have a record, finished or not. */
export function listAttachments(network: string): Attachment[] {
  const known = label(network);
  const names = [ATTACHMENTS_FOLDER, UNFINISHED_FOLDER].flatMap(fileNames);
  return [...new Set(names)].flatMap((name) => {
    const attachment = attachmentOf(name);
    return attachment?.network === known ? [{ ...attachment, network }] : [];
  });
}

/** The attachment that a record's file is named after; the name of its network is cut if it is long. */
export function attachmentOf(fileName: string): Attachment | undefined {
  // Names of networks and containers cannot contain @, an interface's can.
  const [, network, containerId, ifname] = /^([^@]*)@([^@]*)@(.*)$/s.exec(fileName) ?? [];
  return network === undefined ? undefined : { network, containerId: containerId!, ifname: ifname! };
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fileOf({ network, containerId, ifname }: Attachment, folder = ATTACHMENTS_FOLDER): string {
  return join(folder, `${label(network)}@${containerId}@${ifname}`);
}

/**
 * The network's part of a file name. File names have at most 255 bytes, but a NetworkAttachmentDefinition's name may
 * have 253: a long one is cut and gets a hash, after a "~", which names cannot contain.
 */
function label(network: string): string {
  if (network.length <= 100) return network;
  // Loaded only if needed, because most ADDs do not need it.
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  return `${network.slice(0, 80)}~${createHash('sha256').update(network).digest('hex').slice(0, 16)}`;
}

/** The record of an attachment. */
export interface RecordedAttachment {
  readonly record: AttachmentRecord;
  /** Whether an earlier ADD of the same attachment had recorded it. */
  readonly isContinued: boolean;
}

/** Records the data that DEL needs, before anything is changed. */
export function recordAttachment(attachment: Attachment, namespace: Namespace, plane: DataPlane): RecordedAttachment {
  const earlier = readRecord(attachment);
  // A killed ADD may have changed the settings already: its record has the previous values.
  const isContinued = earlier !== undefined && namespace.is(earlier.identity);
  const previous = withUnrecorded(isContinued ? earlier.previous : [], namespace, plane);
  const record = { netns: namespace.path, identity: namespace.identity(), previous };
  writeRecord(attachment, record);
  return { record, isContinued };
}

/**
 * Records settings that have come with the table, before they are changed: those of conntrack do not exist before the
 * kernel tracks connections.
 */
export function recordNewSettings(
  attachment: Attachment,
  namespace: Namespace,
  plane: DataPlane,
  recorded: RecordedAttachment,
): RecordedAttachment {
  const previous = withUnrecorded(recorded.record.previous, namespace, plane);
  if (previous.length === recorded.record.previous.length) return recorded;
  const record = { ...recorded.record, previous };
  writeRecord(attachment, record);
  return { ...recorded, record };
}

/** Settings as recorded, then the current values of those of the whole namespace that ADD changes and no record has. */
function withUnrecorded(recorded: readonly Sysctl[], namespace: Namespace, { sysctls, link }: DataPlane): Sysctl[] {
  const known = new Set(recorded.map(({ path }) => path));
  // Settings of the link end with it.
  const missing = sysctls.filter((setting) => !known.has(setting.path) && !isSettingOf(link.name, setting));
  if (missing.length === 0) return [...recorded];
  const read = ({ path }: Sysctl): Sysctl[] => {
    const value = readSetting(path);
    return value === undefined ? [] : [{ path, value, isOptional: true }];
  };
  return [...recorded, ...namespace.run(() => missing.flatMap(read))];
}

/**
 * The namespace of an attachment, unless it ended. A path may now lead to another pod's namespace, or to the node's,
 * such as `/proc/PID/ns/net` of a reused PID: the record identifies the original one. A path to anything else is
 * reported.
 *
 * @param given the runtime's path, if any
 */
export function namespaceOf(attachment: Attachment, report: Report, given?: string): Namespace | undefined {
  const path = given ?? readRecord(attachment)?.netns;
  const namespace = path === undefined ? undefined : openUnlessGone(path, attachment, report);
  // Read under the lock of the namespace: before that, an ADD could write it.
  const record = readRecord(attachment);
  if (namespace === undefined || record === undefined) return namespace;
  if (namespace.is(record.identity)) return namespace;
  namespace[Symbol.dispose]();
  return undefined;
}

function openUnlessGone(path: string, { ifname, containerId }: Attachment, report: Report): Namespace | undefined {
  let namespace: Namespace | undefined;
  try {
    namespace = Namespace.open(path);
    // Namespaces of other kinds can be opened, too.
    namespace.run(() => {});
    return namespace;
  } catch (error) {
    namespace?.[Symbol.dispose]();
    if (!(error instanceof NamespaceError) || error.state === 'inaccessible') throw error;
    if (error.state === 'foreign') report(`removing the record of ${ifname} of ${containerId}: ${error.message}`);
    return undefined;
  }
}

/**
 * Removes an attachment's router and its record. The record stays if something could not be removed: a retry needs it.
 *
 * @returns what could not be removed
 */
export function removeAttachment(attachment: Attachment, namespace: Namespace, report: Report): unknown[] {
  using pod = Pod.open(namespace);
  const failures = removeDataPlane(pod, attachment.ifname, readRecord(attachment)?.previous, report);
  if (failures.length === 0) removeRecord(attachment);
  return failures;
}
