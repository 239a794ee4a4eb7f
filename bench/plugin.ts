import { inOwnNamespaces } from './own-namespaces';

/** The plugin on the node, compared with its peers. */
export function plugin(quick: boolean): string {
  return inOwnNamespaces({ title: 'Plugin', program: 'plugin/main.ts' }, quick);
}
