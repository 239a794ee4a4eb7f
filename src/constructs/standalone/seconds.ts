import type { Duration } from 'cdk8s';
import type { Field } from '../../domain/input/decoder';

/** Reads a Duration of whole seconds. */
export function readSeconds(field: Field): Duration | undefined {
  const { toSeconds } = field.value as Partial<Duration>;
  const accepted = 'a Duration of whole seconds, such as Duration.seconds(5)';
  if (typeof toSeconds !== 'function') return field.refuse('is not a Duration', accepted);
  const duration = field.value as Duration;
  return Number.isInteger(duration.toSeconds({ integral: false }))
    ? duration
    : field.refuse('is not a whole number of seconds', accepted);
}
