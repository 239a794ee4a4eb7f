import { type DataPlane, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { shellWord } from '../../src/domain/input/shell-word';
import type { Family } from '../../src/domain/values/ip-address';
import type { Link } from '../netlink/route/link';
import type { Route } from '../netlink/route/route';
import { routeCommand } from './ip-commands';
import { keptRoute } from './kept-routes';
import type { KeptObservation } from './observe';

/** A route that the kept table has lost. */
export interface MissingKeptRoute {
  /** In the syntax of `ip`. The gateway is a placeholder where main does not have the original either. */
  readonly command: string;
  /** Whether main still has the original, so that clients are answered. */
  readonly isInMain: boolean;
}

/** The kept table has one default route for each family with an address: by the primary interface, or `throw`. */
export function missingKeptRoutes(
  plane: DataPlane,
  { primary, primaryDefaults, keptRoutes }: KeptObservation,
): MissingKeptRoute[] {
  return plane.addresses.flatMap(({ address: { family } }) => {
    if (keptRoutes.some((route) => route.family === family && isKept(route, primary))) return [];
    const original = primaryDefaults.find((route) => route.family === family);
    const command = original ? routeCommand(keptRoute(original, plane), primary) : lostCommand(plane, family);
    return [{ command, isInMain: original !== undefined }];
  });
}

/** Whether ADD made the route of the kept table. */
export function isKept({ type, destination, interfaceIndex, protocol }: Route, primary: Link | undefined): boolean {
  if (destination !== undefined || protocol !== ROUTE_PROTOCOL) return false;
  return type === 'throw' || (type === 'unicast' && interfaceIndex === primary?.index);
}

function lostCommand({ keptTable, primaryInterface }: DataPlane, family: Family): string {
  return `ip -${family} route add default via GATEWAY table ${keptTable} dev ${shellWord(primaryInterface)} proto ${ROUTE_PROTOCOL}`;
}
