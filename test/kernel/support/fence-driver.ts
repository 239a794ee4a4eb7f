/**
 * Works on the fence of an address, in the network namespace that it is started in; bun's, not jest's.
 *
 *     bun fence-driver.ts LINK MAC STANDBY_MAC STEP…
 *
 * Steps: `raise:EPOCH:MS`, `change:MS`, `gateway:MAC`, `wait:MS`, `read`. It writes a line of JSON for each: what the
 * kernel has then, and how long the step took.
 */
import { waitForInput } from '../../../cni/ffi/libc';
import { NETLINK_NETFILTER, NetlinkSocket } from '../../../cni/netlink/socket';
import { AddressFence } from '../../../cni/serve/pair/address-fence';

const [link, mac, standbyMac, ...steps] = process.argv.slice(2) as [string, string, string, ...string[]];
const netfilter = NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket');
const fence = new AddressFence(netfilter, link, mac, standbyMac);

const STEPS: Readonly<Record<string, (...words: string[]) => void>> = {
  raise: (epoch, ms) => fence.raise(Number(epoch), Number(ms)),
  change: (ms) => fence.change(Number(ms)),
  gateway: (...octets) => fence.heardGateway(octets.join(':')),
  wait: (ms) => waitForInput([], Number(ms)),
  read: () => undefined,
};

for (const step of steps) {
  const [name, ...words] = step.split(':');
  const begin = performance.now();
  STEPS[name!]!(...words);
  const ms = performance.now() - begin;
  console.log(JSON.stringify({ ...fence.read(), ms }));
}
