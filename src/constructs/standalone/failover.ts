import { Duration } from 'cdk8s';
import type { Field } from '../../domain/input/decoder';
import { readSeconds } from './seconds';

/** Failover settings with every default filled in. */
export interface Failover {
  readonly evictFromUnreachableAfter: Duration;
  readonly evictFromNotReadyAfter: Duration;
  readonly conflictWait: Duration;
  readonly blockDrain: boolean;
}

/** Reads `EgressRouterFailover`. What is refused gets its default, so that construction can go on to the next issue. */
export function readFailover(field: Field): Failover {
  if (field.isPresent) field.isObjectOf(KEYS);
  return {
    evictFromUnreachableAfter: field.member('evictFromUnreachableAfter').optional(readSeconds) ?? Duration.seconds(2),
    evictFromNotReadyAfter: field.member('evictFromNotReadyAfter').optional(readSeconds) ?? Duration.seconds(10),
    conflictWait: field.member('conflictWait').optional(readConflictWait) ?? Duration.seconds(10),
    blockDrain: field.member('blockDrain').optional((member) => member.flag()) ?? false,
  };
}

const KEYS = ['evictFromUnreachableAfter', 'evictFromNotReadyAfter', 'conflictWait', 'blockDrain'];

function readConflictWait(field: Field): Duration | undefined {
  const duration = readSeconds(field);
  if (duration === undefined || duration.toSeconds() <= 120) return duration;
  return field.refuse('is longer than a starting pod may wait', 'a Duration of at most 120 seconds');
}
