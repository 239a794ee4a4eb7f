import type { NameState } from './name-state';

/** Whether clients reach a name, as readiness and metrics show it. */
export type NameResolution =
  | { readonly kind: 'resolved' }
  /** No question led to an address: connections to the name are refused. */
  | { readonly kind: 'never' }
  /** Questions fail since this time, in milliseconds: the addresses are those of the last good answer. */
  | { readonly kind: 'stale'; readonly since: number };

/**
 * The resolution of a name from its states, one of each family. A name that has addresses of one family alone is
 * resolved: most names have no IPv6 address.
 */
export function resolutionOf(states: readonly NameState[]): NameResolution {
  const held = states.filter((state) => state.held.length > 0);
  if (held.length === 0) return { kind: 'never' };
  const since = held.flatMap(({ failingSince }) => failingSince ?? []);
  return since.length === 0 ? { kind: 'resolved' } : { kind: 'stale', since: Math.min(...since) };
}
