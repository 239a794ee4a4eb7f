/**
 * Runs the plugin's ARP and neighbour discovery in the network namespace that it is started in; bun's, not jest's.
 *
 *     bun packet-driver.ts find-duplicate LINK ADDRESSES \
 *         '{"count":3,"intervalMilliseconds":10,"waitMilliseconds":15}' at
 *     bun packet-driver.ts announce LINK ADDRESSES COUNT INTERVAL
 *     bun packet-driver.ts announce-tagged LINK ADDRESSES COUNT INTERVAL
 *     bun packet-driver.ts send LINK FRAMES COUNT
 *     bun packet-driver.ts count-holders LINK ADDRESSES
 *
 * Addresses, and frames in hexadecimal, are separated by commas. With `at`, it says `ready`, and begins at the time on
 * its standard input, in milliseconds since 1970. Announcements begin when it has said `ready`. `count-holders` says
 * `ready`, and how many frames a watch for other holders has received when its standard input ends.
 */
import { readFileSync } from 'node:fs';
import { announce, announcementFrames } from '../../../cni/address-conflict/announce';
import { holderFilter } from '../../../cni/address-conflict/holder-filter';
import { findConflict, PROBE_TIMING } from '../../../cni/address-conflict/probe';
import { waitForInput } from '../../../cni/ffi/libc';
import { PacketSocket } from '../../../cni/packet/packet-socket';
import { neighbourFilter, PacketSockets } from '../../../cni/packet/packet-sockets';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const [verb, name, list, first, second] = process.argv.slice(2) as [string, string, string, string?, string?];

const linkFile = (file: string) => readFileSync(`/sys/class/net/${name}/${file}`, 'utf8').trim();
const link = { name, index: Number(linkFile('ifindex')), mac: linkFile('address') };
const words = list.split(',');
const addresses = words.map((text) => parseIpAddress(text) as IpAddress);

if (verb.startsWith('announce')) process.stdout.write('ready\n');
if (verb === 'announce') {
  using sockets = PacketSockets.open(link, addresses);
  announce(sockets, addresses, Number(first), Number(second));
} else if (verb === 'announce-tagged') {
  announceTagged(Number(first), Number(second));
} else if (verb === 'send') {
  const socket = PacketSocket.open(link, 4, [], neighbourFilter(4));
  for (let round = 0; round < Number(first); round++) {
    for (const word of words) socket.send(Buffer.from(word, 'hex'));
  }
} else if (verb === 'count-holders') {
  countHolders();
} else {
  if (second !== undefined) {
    process.stdout.write('ready\n');
    waitForInput([], Number(readFileSync(0, 'utf8')) - Date.now());
  }
  const started = performance.now();
  console.log(JSON.stringify(answer(started)));
}

function answer(started: number): unknown {
  try {
    using sockets = PacketSockets.open(link, addresses);
    const conflict = findConflict(sockets, addresses, first === undefined ? PROBE_TIMING : JSON.parse(first));
    const found = conflict && { address: conflict.address.text, mac: conflict.mac };
    return { conflict: found, milliseconds: performance.now() - started };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The announcements as frames of VLAN 7, tagged by hand: kernels without VLAN interfaces receive tags all the same. */
function announceTagged(count: number, interval: number): void {
  const VLAN_7 = [0x81, 0x00, 0x00, 0x07];
  const frames = addresses.flatMap((address) => announcementFrames(link.mac, address));
  const socket = PacketSocket.open(link, 4, [], neighbourFilter(4));
  for (let round = 0; round < count; round++) {
    for (const frame of frames) {
      socket.send(Uint8Array.from([...frame.subarray(0, 12), ...VLAN_7, ...frame.subarray(12)]));
    }
    waitForInput([], interval);
  }
}

function countHolders(): void {
  using sockets = PacketSockets.open(link, addresses, holderFilter);
  process.stdout.write('ready\n');
  readFileSync(0);
  const counts = sockets.all.map((socket) => {
    for (let count = 0; ; count++) if (socket.receive() === undefined) return count;
  });
  console.log(JSON.stringify(counts));
}
