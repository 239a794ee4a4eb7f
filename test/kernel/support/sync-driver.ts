/**
 * The sync of a pod of a pair, in the network namespace that it is started in; bun's, not jest's.
 *
 *     bun sync-driver.ts CONFIG STANDBY_MAC POD_ADDRESSES
 *
 * Gives the namespace the table and the settings of a pair, says `ready`, and answers each line of standard input with
 * a line of JSON: `keys HEX[,HEX]`, `link STATE`, `serve`, `follow ADDRESS`, `take`, `stop`, `figures`, `log`.
 */
import { createInterface } from 'node:readline';
import { writeSetting } from '../../../cni/data-plane/kernel-setting';
import { primaryInterface } from '../../../cni/data-plane/primary-interface';
import { createTable, deleteTable } from '../../../cni/netlink/nftables/table';
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../../../cni/netlink/socket';
import { RoleLink } from '../../../cni/serve/pair/role-link';
import type { LanState } from '../../../cni/standby/role';
import { ConnectionSync } from '../../../cni/sync/connection-sync';
import { dataPlane } from '../../../src/domain/data-plane/data-plane';
import { markedByPlace } from '../../../src/domain/data-plane/marked-rules';
import { TABLE_NAME } from '../../../src/domain/data-plane/router-table';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const [configText, standbyMac, podAddresses] = process.argv.slice(2) as [string, string, string];
const address = (text: string) => parseIpAddress(text) as IpAddress;

const route = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket');
const netfilter = NetlinkSocket.open(NETLINK_NETFILTER, 'open a netfilter socket');
const config = decodeNetworkConfig({ ...JSON.parse(configText), standbyMac });
const plane = dataPlane(config, 'net1', primaryInterface(route, config));
netfilter.transaction(deleteTable(TABLE_NAME), 'delete the table of ADD');
netfilter.transaction(createTable(plane.table), 'create the table of a pair');
for (const setting of plane.sysctls.filter(({ path }) => path.endsWith('_events'))) writeSetting(setting);

const lines: object[] = [];
const line = (message: string, fields: object = {}) => {
  lines.push({ message, ...fields });
};
const link = new RoleLink(route, plane, standbyMac);
const sync = new ConnectionSync({
  config,
  podAddresses: podAddresses.split(',').map(address),
  netfilter,
  rules: () => markedByPlace(config),
  log: { info: line, warn: line },
});

const VERBS: Readonly<Record<string, (word: string) => unknown>> = {
  keys: (list) => sync.setKeys(list.split(',').map((hex) => Buffer.from(hex, 'hex'))),
  link: (state) => link.set(state as LanState),
  serve: () => sync.serve(),
  follow: (holder) => sync.follow(address(holder)),
  take: () => {
    sync.hold();
    return sync.take();
  },
  stop: () => sync.stop(),
  figures: () => sync.figures(),
  log: () => lines,
};

createInterface({ input: process.stdin }).on('line', async (text) => {
  const [verb, word = ''] = text.split(' ');
  process.stdout.write(`${JSON.stringify((await VERBS[verb!]!(word)) ?? null)}\n`);
});
process.stdout.write('"ready"\n');
