import { promises } from 'node:fs';

/**
 * Reads a file in parts, because it is larger than the installer's memory should be. Signals are handled between two
 * parts.
 *
 * @returns parts of one length, except the last; each is overwritten by the next
 */
export async function* partsOf(path: string): AsyncGenerator<Buffer> {
  const file = await promises.open(path, 'r');
  try {
    const part = Buffer.allocUnsafe(1 << 20);
    for (let length = await fill(file, part); length > 0; length = await fill(file, part)) {
      yield part.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

async function fill(file: promises.FileHandle, part: Buffer): Promise<number> {
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(part, length, part.length - length, null);
    length += bytesRead;
    if (bytesRead === 0 || length === part.length) return length;
  }
}

/** `cmp A B` */
export async function haveSameContent(a: string, b: string): Promise<boolean> {
  const others = partsOf(b);
  try {
    for await (const part of partsOf(a)) {
      const other = await others.next();
      if (other.done || !part.equals(other.value)) return false;
    }
    return (await others.next()).done === true;
  } finally {
    await others.return(undefined);
  }
}

/** Whether a file is a truncated copy of another, and not empty. */
export async function isBeginningOf(whole: string, path: string): Promise<boolean> {
  const others = partsOf(whole);
  let isSomething = false;
  try {
    for await (const part of partsOf(path)) {
      const other = await others.next();
      if (other.done || !part.equals(other.value.subarray(0, part.length))) return false;
      isSomething = true;
    }
    return isSomething;
  } finally {
    await others.return(undefined);
  }
}
