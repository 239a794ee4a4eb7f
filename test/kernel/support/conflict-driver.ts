/**
 * Runs the watch for other holders in the network namespace that it is started in, alone; bun's, not jest's.
 *
 *     bun conflict-driver.ts LINK ADDRESSES MILLISECONDS
 *
 * Addresses are separated by commas. A second of the watch takes so many milliseconds. It writes a line of JSON for
 * each line of the log, and for each change of what it finds: `{ "conflicts": 1, "problem": "…" }`.
 */
import { NETLINK_ROUTE, NetlinkSocket } from '../../../cni/netlink/socket';
import { ConflictWatch } from '../../../cni/serve/checks/conflict-watch';
import { ServeLog } from '../../../cni/serve/serve-log';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const [interfaceName, list, milliseconds] = process.argv.slice(2) as [string, string, string];

let conflicts = 0;
const watch = new ConflictWatch({
  route: NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket'),
  interfaceName,
  addresses: list.split(',').map((text) => parseIpAddress(text) as IpAddress),
  log: new ServeLog('driver'),
  events: {
    conflict: () => {
      conflicts++;
    },
  },
});

let now = 0;
let last = '';
setInterval(() => {
  now += 1000;
  const [{ problems } = {}] = watch.check(now);
  const found = JSON.stringify({ conflicts, problem: problems?.join('; ') });
  if (found !== last) console.log(found);
  last = found;
}, Number(milliseconds));
