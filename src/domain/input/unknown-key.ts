import type { Issue } from './issue';

/** How the problem of an unknown key begins. */
export const UNKNOWN_KEY = 'is an unknown key';

/** Whether the issue is a key that is not supported, rather than a value. */
export function isOfKey({ problem }: Issue): boolean {
  return problem.startsWith(UNKNOWN_KEY);
}
