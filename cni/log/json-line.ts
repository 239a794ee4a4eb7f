import { escapeUnprintable } from '../../src/domain/input/printable-text';

/** Characters of one text: enough for the issues of a configuration, or for a stack. */
const LONGEST = 8000;

/**
 * A line of a log. Its texts may quote other programs and hosts: they are truncated if they are long, and whatever they
 * hold, the line is one line that a terminal shows as it is.
 */
export function jsonLine(members: object): string {
  return `${escapeUnprintable(JSON.stringify(members, (_key, value: unknown) => bounded(value)))}\n`;
}

function bounded(value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}
