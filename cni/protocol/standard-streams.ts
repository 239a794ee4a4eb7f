import { constants, fstatSync, readSync, writeSync } from 'node:fs';
import { printableText } from '../../src/domain/input/printable-text';
import { CniError, CODES } from './cni-error';

/** Most characters of standard input: many times a configuration of 10,000 rules. */
export const LONGEST_INPUT = 16 * 1024 * 1024;

const [STDIN, STDOUT] = [0, 1];
/** Major number 1, minor number 3. */
const NULL_DEVICE = 0x103;
const CHUNK = 64 * 1024;
/** Enough for any accepted input: a character of UTF-8 has at most four bytes. */
const MOST_BYTES = 4 * LONGEST_INPUT;

/**
 * Reads standard input to its end; of an endless one, more than the longest accepted input.
 *
 * Synchronous and with file descriptors, because the runtime's streams take milliseconds to start.
 */
export function readStandardInput(): string {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= MOST_BYTES) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = retrying(() => readSync(STDIN, chunk, 0, CHUNK, null));
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @param text nothing is written if it is empty */
export function writeStandardOutput(text: string): void {
  if (text === '') return;
  const bytes = Buffer.from(`${text}\n`);
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset;
    offset += retrying(() => writeSync(STDOUT, bytes, start));
  }
}

/**
 * Refuses an ADD whose result would be lost. The executable's runtime opens the null device for a closed
 * standard output, so that writing to it succeeds.
 *
 * @throws CniError
 */
export function requireStandardOutput(): void {
  const { mode, rdev } = fstatSync(STDOUT);
  if ((mode & constants.S_IFMT) !== constants.S_IFCHR || rdev !== NULL_DEVICE) return;
  throw new CniError(
    CODES.IO,
    'standard output is closed or the null device, so that the result of ADD would be lost',
    'accepted: a pipe, file or terminal',
  );
}

/** The other end may have made the pipe non-blocking, which applies to both ends. */
function retrying(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** @throws CniError if standard input is not JSON */
export function parseInput(text: string): unknown {
  if (text.length > LONGEST_INPUT) {
    throw new CniError(CODES.DECODE, `standard input is longer than ${LONGEST_INPUT} characters`);
  }
  if (text.trim() === '')
    throw new CniError(CODES.DECODE, 'standard input is empty', 'accepted: a network configuration');
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine quotes the input.
    throw new CniError(CODES.DECODE, 'standard input is not JSON', printableText((error as Error).message));
  }
}

/** The same without errors, for callers that must answer any input. */
export function parseIfPossible(text: string): unknown {
  try {
    return parseInput(text);
  } catch {
    return undefined;
  }
}
