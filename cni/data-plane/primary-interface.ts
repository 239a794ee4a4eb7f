import { PRIMARY_INTERFACE } from '../../src/domain/router/object-names';
import { findLink, findLinkByIndex } from '../netlink/route/link';
import { defaultInterfaceIndex } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { CniError, CODES } from '../protocol/cni-error';

/**
 * The name of the pod's interface on the cluster network: as configured, else the one with the pod's default route,
 * else `eth0`.
 *
 * @param pod a socket of the pod's namespace
 * @throws CniError if it does not exist
 */
export function primaryInterface(pod: NetlinkSocket, configured: string | undefined): string {
  if (configured !== undefined) {
    if (findLink(pod, configured) !== undefined) return configured;
    throw new CniError(
      CODES.PRIMARY_INTERFACE,
      `primaryInterface: "${configured}" is not an interface of the pod; accepted: the one on the cluster network`,
    );
  }
  const index = defaultInterfaceIndex(pod);
  const byRoute = index === undefined ? undefined : findLinkByIndex(pod, index)?.name;
  if (byRoute !== undefined) return byRoute;
  if (findLink(pod, PRIMARY_INTERFACE) !== undefined) return PRIMARY_INTERFACE;
  throw new CniError(
    CODES.PRIMARY_INTERFACE,
    `the pod has no default route and no interface ${PRIMARY_INTERFACE}: the cluster network must be set up first, or name the interface in "primaryInterface"`,
  );
}
