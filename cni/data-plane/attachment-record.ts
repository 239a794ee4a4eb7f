import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Sysctl } from '../../src/domain/data-plane/data-plane';
import type { NamespaceIdentity } from '../netns/namespace';

/** The data that DEL needs to remove an attachment: written before ADD changes anything, deleted by DEL. */
export interface AttachmentRecord {
  readonly netns: string;
  readonly identity: NamespaceIdentity;
  /** Settings of the whole namespace before ADD. */
  readonly previous: readonly Sysctl[];
}

const { O_WRONLY, O_CREAT, O_EXCL, O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

const WRITE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Many times the record of a router of two families. */
const MOST_BYTES = 64 * 1024;

/**
 * The record in a file, if it is complete. Anything else at its path, such as a pipe, which would block, or a link to
 * another file, is not a record: DEL and GC must not depend on what lies there.
 */
export function readRecordFile(path: string): AttachmentRecord | undefined {
  try {
    return decodeRecord(JSON.parse(readRegularFile(path)));
  } catch {
    return undefined;
  }
}

/**
 * Replaces the file, or whatever else is at its path: a record that is half written, or written through a link, never
 * exists.
 *
 * @param temporary a path of the same file system, where an earlier ADD may have left something
 */
export function writeRecordFile(path: string, temporary: string, record: AttachmentRecord): void {
  removeRecordFile(temporary);
  const fd = openSync(temporary, WRITE_FLAGS, 0o600);
  try {
    writeAndClose(fd, Buffer.from(JSON.stringify(record)));
    renameOver(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Also removes a directory in the file's place: GC would fail at it for ever. A link is removed, not followed. Where
 * the folder is a file, there is no record.
 */
export function removeRecordFile(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
}

function writeAndClose(fd: number, bytes: Buffer): void {
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
  } finally {
    closeSync(fd);
  }
}

function renameOver(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    removeRecordFile(to);
    renameSync(from, to);
  }
}

function readRegularFile(path: string): string {
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (!fstatSync(fd).isFile()) return '';
    // One byte more than accepted, so that a longer file is not valid JSON by chance.
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return length > MOST_BYTES ? '' : bytes.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function decodeRecord(value: unknown): AttachmentRecord | undefined {
  const { netns, identity, previous } = (value ?? {}) as Partial<AttachmentRecord>;
  if (typeof netns !== 'string' || !netns.startsWith('/') || netns.includes('\0')) return undefined;
  if (typeof identity?.inode !== 'number' || typeof identity.device !== 'number') return undefined;
  if (!Array.isArray(previous)) return undefined;
  return { netns, identity, previous: previous.filter(isNetworkSetting).map(restorable) };
}

/** A setting that is not there any more needs not be restored. */
function restorable({ path, value }: Sysctl): Sysctl {
  return { path, value, isOptional: true };
}

/** Root writes these: nothing outside of `/proc/sys/net` is a setting of a namespace. */
function isNetworkSetting(setting: unknown): setting is Sysctl {
  const { path, value } = (setting ?? {}) as Partial<Sysctl>;
  if (typeof path !== 'string' || typeof value !== 'string' || path.includes('\0')) return false;
  const [first, ...parts] = path.split('/');
  return first === 'net' && parts.length > 0 && parts.every((part) => !['', '.', '..'].includes(part));
}
