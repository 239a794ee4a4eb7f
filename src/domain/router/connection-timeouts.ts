import { withoutUndefined } from '../input/collections';
import type { Field } from '../input/decoder';

/** Seconds without a packet after which the pod's kernel forgets a connection. */
export interface ConnectionTimeouts {
  /** An open TCP connection. */
  readonly tcpEstablished: number;
  /** A TCP connection that one side has closed, while the other one may still send. */
  readonly tcpHalfClosed: number;
  /** A UDP request without further datagrams. */
  readonly udp: number;
  /** A UDP flow with datagrams in both directions for more than two seconds. */
  readonly udpStream: number;
  /** An SCTP association. */
  readonly sctpEstablished: number;
}

/** Why these: docs/timeouts.md. */
export const DEFAULT_CONNECTION_TIMEOUTS: ConnectionTimeouts = {
  tcpEstablished: 86_400,
  tcpHalfClosed: 7440,
  udp: 120,
  udpStream: 300,
  sctpEstablished: 7440,
};

export const CONNECTION_TIMEOUT_KEYS = Object.keys(DEFAULT_CONNECTION_TIMEOUTS) as (keyof ConnectionTimeouts)[];

/** Five days, as the kernel's own default of an open TCP connection. */
export const LONGEST_CONNECTION_TIMEOUT = 432_000;

/**
 * Reads timeouts by name. What is absent or refused has its default.
 *
 * @param readTimeout reader of one timeout, in seconds
 */
export function readConnectionTimeouts(
  field: Field,
  readTimeout: (member: Field) => number | undefined = readTimeoutSeconds,
): ConnectionTimeouts | undefined {
  if (!field.isObjectOf(CONNECTION_TIMEOUT_KEYS)) return undefined;
  const read = CONNECTION_TIMEOUT_KEYS.map((key) => [key, field.member(key).optional(readTimeout)]);
  return { ...DEFAULT_CONNECTION_TIMEOUTS, ...withoutUndefined(Object.fromEntries(read)) };
}

function readTimeoutSeconds(field: Field): number | undefined {
  return field.integer(1, LONGEST_CONNECTION_TIMEOUT, 'a number of seconds');
}

/** The timeouts that differ from their default; nothing if none does. */
export function encodeConnectionTimeouts(timeouts: ConnectionTimeouts): Partial<ConnectionTimeouts> | undefined {
  const changed = CONNECTION_TIMEOUT_KEYS.filter((key) => timeouts[key] !== DEFAULT_CONNECTION_TIMEOUTS[key]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((key) => [key, timeouts[key]]));
}
