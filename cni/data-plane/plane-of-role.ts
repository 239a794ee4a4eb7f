import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import { standbyPlane } from '../../src/domain/data-plane/standby-plane';
import type { RoutingObservation } from './observe';

/**
 * What the pod is to hold now: of a router with a standby, a pod without any of the addresses is one that does not have
 * them. Its link may then be down, and have another MAC address.
 */
export function planeOfRole(plane: DataPlane, { link, addresses }: RoutingObservation): DataPlane {
  const wanted = new Set(plane.addresses.map(({ text }) => text));
  if (plane.standbyMac === undefined || addresses.some(({ cidr }) => wanted.has(cidr.text))) return plane;
  const bare = standbyPlane(plane);
  return link === undefined ? bare : { ...bare, link: { ...bare.link, mac: link.mac } };
}

/** Whether the link may be down: that of a pod without the addresses may. */
export function mayBeDown({ standbyMac, addresses }: DataPlane): boolean {
  return standbyMac !== undefined && addresses.length === 0;
}
