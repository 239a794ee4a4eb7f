/**
 * Takes turns of a pace of ARP frames; bun's, not jest's.
 *
 *     bun pace-driver.ts FILE OWN_RATE NODE_RATE take:12 other:12 giveBack:11 …
 *
 * `other` is the turn of another router; `take:12:500` waits for 500 ms at most. It writes a line of JSON: the
 * milliseconds that each step and all of them took, what each returned, the next turn behind each, and the router's
 * own spacing.
 */
import { readFileSync } from 'node:fs';
import { ArpPace } from '../../../cni/address-conflict/arp-pace';

const [file, own, node, ...steps] = process.argv.slice(2) as [string, string, string, ...string[]];
const open = () => new ArpPace(Number(own), Number(node), file);
const [pace, other] = [open(), open()];
const start = performance.now();
const results = steps.map((step) => {
  const [verb, frames, patience] = step.split(':') as ['take' | 'giveBack' | 'other', string, string?];
  const begin = performance.now();
  const returned =
    verb === 'giveBack'
      ? pace.giveBack(Number(frames))
      : (verb === 'other' ? other : pace).take(Number(frames), ...(patience === undefined ? [] : [Number(patience)]));
  const milliseconds = performance.now() - begin;
  return { milliseconds, returned, turn: Number(readFileSync(file, 'utf8').slice(0, 16)) };
});
console.log(
  JSON.stringify({
    milliseconds: results.map(({ milliseconds }) => milliseconds),
    total: performance.now() - start,
    turns: results.map(({ turn }) => turn),
    returned: results.map(({ returned }) => returned ?? null),
    spacing: pace.spacing,
  }),
);
