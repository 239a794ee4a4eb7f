import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DEFAULT_OPTIONS } from '../../src/domain/router/router-options';

/** A file with one number. It is gone after a reboot, like everything below `/run`. */
export const NODE_ARP_RATE_FILE = '/run/egress-router/arp-frames-per-second';

/**
 * How many ARP frames a second all routers that start on the node send in sum: the number of the file if it is one from
 * 1 to 1000, else the default. It is a property of the node's port at the switch, so root says it on the node; a
 * configuration, which a tenant may write, does not.
 */
export function nodeArpRate(file = NODE_ARP_RATE_FILE): number {
  const rate = numberIn(file);
  return rate !== undefined && rate >= 1 && rate <= 1000 ? rate : DEFAULT_OPTIONS.arpFramesPerSecond;
}

/** Longer texts are not numbers. */
const MOST_BYTES = 16;

function numberIn(file: string): number | undefined {
  try {
    const text = beginningOf(file).trim();
    return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing of what is not a file: a pipe in its place would block every ADD. */
function beginningOf(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return '';
    const bytes = Buffer.alloc(MOST_BYTES);
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, MOST_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}
