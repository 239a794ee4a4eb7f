/**
 * What the kernel's feed of connections says, in the network namespace that it is started in; bun's, not jest's.
 *
 *     bun feed-driver.ts POD_ADDRESSES RESERVED_ADDRESSES BYTES
 *
 * Reads a line of standard input for each turn, the time, and answers with a line of JSON: whether the kernel had lost
 * events, and what the feed said, with the client's port of each connection. `BYTES` is what the kernel keeps of
 * events.
 */
import { createInterface } from 'node:readline';
import { connectionOf, readRecords } from '../../../cni/sync/connection-record';
import { KernelFeed } from '../../../cni/sync/kernel-feed';
import type { SyncMessage } from '../../../cni/sync/sync-message';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const [pod, reserved, bytes] = process.argv.slice(2) as [string, string, string];
const addresses = (list: string) => list.split(',').map((text) => parseIpAddress(text) as IpAddress);

const feed = new KernelFeed({ pod: addresses(pod), reserved: addresses(reserved) }, Number(bytes));

function words(message: SyncMessage): string[] {
  if (message.kind !== 'changes') return [message.kind];
  return [...readRecords(message.records)].map(({ key, value }) => {
    const portOfClient = Buffer.from(key, 'latin1').subarray(-4).readUInt16BE();
    return value === undefined ? `gone ${portOfClient}` : `open ${connectionOf(key, value).clientPort}`;
  });
}

createInterface({ input: process.stdin }).on('line', (word) => {
  const said: string[] = [];
  const send = (message: SyncMessage) => {
    said.push(...words(message));
  };
  const { hasLost } = feed.turn(send, true, Number(word));
  process.stdout.write(`${JSON.stringify({ hasLost, said })}\n`);
});
process.stdout.write('"ready"\n');
