import type { DataPlane } from './data-plane';

/**
 * The data plane of a pod that does not have the addresses: it has neither these nor a route by the link, which is down
 * until the pod's process decides what it is. All that a takeover needs besides is there.
 */
export function standbyPlane(plane: DataPlane): DataPlane {
  const { standbyMac, link, routes } = plane;
  return {
    ...plane,
    link: { ...link, mac: standbyMac ?? link.mac },
    addresses: [],
    routes: routes.filter(({ type }) => type === 'unreachable'),
  };
}
