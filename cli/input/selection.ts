import { nearest } from '../../src/config/nearest';
import { InputError } from './input-error';
import type { Inventory, Router } from './router';

/**
 * The router of that name, with or without its namespace; all of them without a name.
 *
 * @throws InputError when there is none, or more than one of that name
 */
export function selectRouters({ routers }: Inventory, name: string | undefined): readonly Router[] {
  if (name === undefined) return routers;
  const found = routers.filter((router) => router.name === name || router.name.endsWith(`/${name}`));
  if (found.length === 1) return found;
  if (found.length > 1) {
    throw new InputError(`--router: ${name} is the name of ${found.map((router) => router.name).join(' and ')}`);
  }
  const names = routers.map((router) => router.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `there are ${names.slice(0, 10).join(', ') || 'none'}` : `did you mean ${near}?`;
  throw new InputError(`--router: no router is called ${name}; ${hint}`);
}

/** What the input held beside routers, a line each. */
export function inventoryNotes({ foreign, otherKinds }: Inventory): string[] {
  const counts = [...otherKinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, number]) => `${number} ${kind}`);
  return [
    ...(counts.length === 0 ? [] : [`ignored: ${counts.join(', ')}`]),
    ...foreign.map((attachment) => `not a router of this library: ${attachment}`),
  ];
}
