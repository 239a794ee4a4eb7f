/**
 * Sets a router's link as roles need it, in the network namespace that it is started in; bun's, not jest's.
 *
 *     bun role-link-driver.ts CONFIG STANDBY_MAC STATE…
 *
 * It writes a line of JSON for each state: `{ "before": "held", "after": "down", "ms": 3.1, "error": "…" }`.
 */
import { primaryInterface } from '../../../cni/data-plane/primary-interface';
import { NETLINK_ROUTE, NetlinkSocket } from '../../../cni/netlink/socket';
import { RoleLink } from '../../../cni/serve/pair/role-link';
import type { LanState } from '../../../cni/standby/role';
import { dataPlane } from '../../../src/domain/data-plane/data-plane';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const [config, standbyMac, ...states] = process.argv.slice(2) as [string, string, ...LanState[]];
const route = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket');
const decoded = decodeNetworkConfig(JSON.parse(config));
const link = new RoleLink(route, dataPlane(decoded, 'net1', primaryInterface(route, decoded)), standbyMac);
for (const state of states) {
  const before = link.read();
  const begin = performance.now();
  let error: string | undefined;
  try {
    link.set(state);
  } catch (refusal) {
    error = (refusal as Error).message;
  }
  const ms = performance.now() - begin;
  console.log(JSON.stringify({ before, after: link.read(), ms, error }));
}
