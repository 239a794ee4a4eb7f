import type { Field } from '../../domain/input/decoder';
import {
  type ConnectionTimeouts,
  LONGEST_CONNECTION_TIMEOUT,
  readConnectionTimeouts,
} from '../../domain/router/connection-timeouts';
import { readSeconds } from './seconds';

/** Reads `EgressRouterConnectionTimeouts`. What is absent or refused has its default. */
export function readConnectionDurations(field: Field): ConnectionTimeouts | undefined {
  return readConnectionTimeouts(field, readTimeout);
}

function readTimeout(field: Field): number | undefined {
  const seconds = readSeconds(field)?.toSeconds();
  if (seconds === undefined || (seconds >= 1 && seconds <= LONGEST_CONNECTION_TIMEOUT)) return seconds;
  return field.refuse(`is ${seconds} seconds`, 'a Duration from 1 second to 5 days');
}
