import type { Field } from '../../src/domain/input/decoder';

/** Neutron's own default of `max_allowed_address_pair`. */
export const DEFAULT_PAIR_LIMIT = 10;

/** Reads `pairLimit`. */
export function readPairLimit(field: Field): number | undefined {
  return field.integer(1, 1000, 'pairs that one port may have');
}

/** Notes an issue when the routers need more pairs than a port may have, others' pairs not counted. */
export function checkPairLimit(routers: Field, pairs: number, limit: number): void {
  if (pairs <= limit) return;
  routers
    .withValue(pairs)
    .refuse(
      'address pairs are more than one port may have',
      `at most ${limit} addresses of routers on one port; a larger pairLimit where the cloud's max_allowed_address_pair is larger`,
    );
}
