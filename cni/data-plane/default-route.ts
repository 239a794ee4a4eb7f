import { RT_TABLE_MAIN } from '../netlink/route/constants';
import { listRoutes } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';

/** The interface of the namespace's best default route: IPv4's, else IPv6's. */
export function defaultInterfaceIndex(socket: NetlinkSocket): number | undefined {
  for (const family of [4, 6] as const) {
    const defaults = listRoutes(socket, family, RT_TABLE_MAIN).filter(
      ({ type, destination, interfaceIndex }) =>
        type === 'unicast' && destination === undefined && interfaceIndex !== undefined,
    );
    // The lowest metric wins; absent is 0.
    defaults.sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
    if (defaults[0] !== undefined) return defaults[0].interfaceIndex;
  }
  return undefined;
}
