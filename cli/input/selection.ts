import { nearest } from '../../src/domain/input/nearest';
import { InputError } from './input-error';
import type { Inventory, Router } from './router';

/**
 * Selects the router of that name, with or without its namespace; without a name, all routers.
 *
 * @throws InputError for an unknown or ambiguous name
 */
export function selectRouters({ routers }: Inventory, name: string | undefined): readonly Router[] {
  if (name === undefined) return routers;
  const only = nameAmong(
    routers.map((router) => router.name),
    name,
  );
  return routers.filter((router) => router.name === only);
}

/**
 * Selects a router on both sides of a change. It may be missing on one side: then it was added or removed.
 *
 * @throws InputError for a name that is unknown on both sides, or ambiguous
 */
export function selectOnBothSides(
  sides: readonly [old: Inventory, now: Inventory],
  name: string | undefined,
): readonly [old: Inventory, now: Inventory] {
  if (name === undefined) return sides;
  const names = new Set(sides.flatMap(({ routers }) => routers.map((router) => router.name)));
  const only = nameAmong([...names].sort(), name);
  const selected = (side: Inventory) => ({ ...side, routers: side.routers.filter((router) => router.name === only) });
  return [selected(sides[0]), selected(sides[1])];
}

/**
 * Refuses manifests whose routers do not start or work.
 *
 * @param selected the routers of the command; problems of others do not count where one was named
 * @throws InputError with every problem, one per line
 */
export function refuseProblems({ problems }: Inventory, selected: readonly Router[], name: string | undefined): void {
  const names = new Set(selected.map((router) => router.name));
  const found = problems.filter(({ router }) => name === undefined || names.has(router));
  if (found.length > 0) throw new InputError([...new Set(found.map(({ text }) => text))].join('\n'));
}

function nameAmong(names: readonly string[], name: string): string {
  const found = names.includes(name) ? [name] : names.filter((each) => each.endsWith(`/${name}`));
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new InputError(`--router: ${name} matches ${found.join(' and ')}; accepted: one of them, with its namespace`);
  const near = nearest(name, names);
  const hint = near === undefined ? acceptedNames(names) : `did you mean ${near}?`;
  throw new InputError(`--router: unknown router ${name}; ${hint}`);
}

const MOST_NAMES = 10;

function acceptedNames(names: readonly string[]): string {
  if (names.length === 0) return 'the manifests have no router';
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return `accepted: ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
}

/** Notes on objects that are not routers, and on address conflicts, one per line. */
export function inventoryNotes({ routers, foreign, otherKinds }: Inventory): string[] {
  const counts = [...otherKinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, number]) => `${number} ${kind}`);
  return [
    ...(counts.length === 0 ? [] : [`ignored: ${counts.join(', ')}`]),
    ...foreign.map((attachment) => `not a router of this library: ${attachment}`),
    ...claimedTwice(routers),
  ];
}

/** Addresses that several routers have on one parent interface. Not an error here: manifests of two clusters may. */
function claimedTwice(routers: readonly Router[]): string[] {
  const claims = new Map<string, string[]>();
  for (const { name, config } of routers) {
    const { master } = config.macvlan;
    for (const { cidr } of config.addresses) {
      const claim = `${cidr.address.text} by ${master ?? "the interface of the node's default route"}`;
      const known = claims.get(claim);
      if (known === undefined) claims.set(claim, [name]);
      else known.push(name);
    }
  }
  return [...claims].flatMap(([claim, names]) =>
    names.length === 1
      ? []
      : [`${claim} is declared by ${names.join(' and ')}: on one LAN, only one of them can hold it`],
  );
}
