import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';

/**
 * A user who may write a NetworkAttachmentDefinition names this file, and the plugin is root: only these places are
 * logs. Programs that collect the logs of others, such as those of containers, read other names in `/var/log`. The last
 * one is what OKD's operator writes.
 */
const PLACES: readonly { readonly path: RegExp; readonly prefix: string }[] = [
  { path: /^\/var\/log\/egress-router[^/]*$/, prefix: 'egress-router' },
  { path: /^\/var\/log\/egress-router[^/]*\/[^/]+$/, prefix: '' },
  { path: /^\/tmp\/egress-router-log[^/]*$/, prefix: 'egress-router-log' },
];

/** Logs in one folder, with those that a rotation left: a tenant names any number of files. */
const MOST_FILES = 100;

/** The beginning of each of our lines. In `/var/log`, a file that begins otherwise is another program's. */
const BEGINNING = Buffer.from('{"time":"');

/** Bytes: a pod that cannot start adds lines for as long as it exists. */
const MOST_BYTES = 64 * 1024 * 1024;

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** Never blocks and never follows a link. Readable, because the beginning is checked. */
const FILE_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

const [ROOT, STICKY, WRITABLE_BY_OTHERS] = [0, 0o1000, 0o002];

/** The file cannot be a log. The message completes "log_file PATH …". */
export class LogFileError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'LogFileError';
  }
}

/**
 * Opens a log for appending, and creates it for root alone: addresses of external servers are confidential.
 *
 * @throws LogFileError for a file that is not a log of this plugin
 */
export function openLogFile(path: string): number {
  const place = PLACES.find((candidate) => candidate.path.test(path));
  const names = path.split('/').slice(1);
  if (place === undefined || names.some((name) => name === '.' || name === '..')) {
    throw new LogFileError(
      'is not a log; accepted: /var/log/egress-router*, a file in such a folder, or /tmp/egress-router-log*',
    );
  }
  const folder = openFolder(names.slice(0, -1));
  try {
    const name = names.at(-1)!;
    // A device may act when it is opened.
    const before = lstatSync(`${inFolder(folder)}/${name}`, { throwIfNoEntry: false });
    if (before === undefined) requireRoom(folder, place.prefix);
    else requireLog(before);
    return openFile(`${inFolder(folder)}/${name}`, names[0] === 'var');
  } finally {
    closeSync(folder);
  }
}

/** A path below an open folder, in which no part can be exchanged for a link. */
const inFolder = (folder: number) => `/proc/self/fd/${folder}`;

/** Opens one folder after the other, so that none of them is a link. */
function openFolder(names: readonly string[]): number {
  let folder = openSync('/', FOLDER_FLAGS);
  try {
    for (const [index, name] of names.entries()) {
      const next = explained(`folder /${names.slice(0, index + 1).join('/')}`, () =>
        openSync(`${inFolder(folder)}/${name}`, FOLDER_FLAGS),
      );
      closeSync(folder);
      folder = next;
      requireRoots(fstatSync(folder), `/${names.slice(0, index + 1).join('/')}`);
    }
    return folder;
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

/** In a folder that others may write to, such as `/tmp`, they may at least not exchange files of root. */
function requireRoots({ uid, mode }: Stats, folder: string): void {
  if (uid !== ROOT) throw new LogFileError(`is in ${folder}, which belongs to user ${uid}, not to root`);
  if ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0)
    throw new LogFileError(`is in ${folder}, which every user may write to`);
}

/** Files of other users do not count: they may have any number of them in `/tmp`. */
function requireRoom(folder: number, prefix: string): void {
  let count = 0;
  for (const name of readdirSync(inFolder(folder))) {
    if (!name.startsWith(prefix)) continue;
    const stats = lstatSync(`${inFolder(folder)}/${name}`, { throwIfNoEntry: false });
    if (stats?.isFile() === true && stats.uid === ROOT) count++;
    if (count >= MOST_FILES)
      throw new LogFileError(
        `would be one more than ${MOST_FILES} logs in its folder: remove some, or name one of them`,
      );
  }
}

function openFile(path: string, beginsLikeOurs: boolean): number {
  const file = explained('the file', () => openSync(path, FILE_FLAGS, 0o600));
  try {
    const stats = fstatSync(file);
    requireLog(stats);
    if (beginsLikeOurs && stats.size > 0) requireBeginning(file);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function requireLog(stats: Stats): void {
  if (stats.isSymbolicLink()) throw new LogFileError('is a symbolic link');
  if (!stats.isFile()) throw new LogFileError('is not a regular file');
  if (stats.uid !== ROOT) throw new LogFileError(`belongs to user ${stats.uid}, not to root`);
  if (stats.nlink > 1) throw new LogFileError('has another name: a hard link');
  if (stats.size > MOST_BYTES) throw new LogFileError(`has ${stats.size} bytes; accepted: ${MOST_BYTES}: rotate it`);
}

function requireBeginning(file: number): void {
  const beginning = Buffer.alloc(BEGINNING.length);
  const length = readSync(file, beginning, 0, BEGINNING.length, 0);
  if (!beginning.subarray(0, length).equals(BEGINNING))
    throw new LogFileError(`is another program's: it does not begin with ${BEGINNING}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ELOOP: 'is a symbolic link',
  ENOTDIR: 'is not a folder, or is a symbolic link',
  ENXIO: 'is not a regular file',
};

function explained<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new LogFileError(`cannot be opened: ${what} ${REASONS[code] ?? `gives ${code || message}`}`);
  }
}
