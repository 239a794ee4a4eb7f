import { inOwnNamespaces } from './own-namespaces';

/** What the names of a router cost its process. */
export function names(quick: boolean): string {
  return inOwnNamespaces({ title: 'Names', program: 'serve/resolving-router.ts' }, quick);
}
