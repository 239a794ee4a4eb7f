/**
 * Takes turns of a pace of ARP frames; bun's, not jest's.
 *
 *     bun pace-driver.ts FILE FRAMES_PER_SECOND take:12 other:12 giveBack:11 …
 *
 * `other` is the turn of another router. It writes a line of JSON: the milliseconds that each step took, and what was
 * logged.
 */
import { ArpPace } from '../../../cni/address-conflict/arp-pace';

const [file, rate, ...steps] = process.argv.slice(2) as [string, string, ...string[]];
const errors: string[] = [];
const log = { error: (message: string) => errors.push(message) };
const [pace, other] = [new ArpPace(Number(rate), log, file), new ArpPace(Number(rate), log, file)];
const milliseconds = steps.map((step) => {
  const [verb, frames] = step.split(':') as ['take' | 'giveBack' | 'other', string];
  const begin = performance.now();
  if (verb === 'other') other.take(Number(frames));
  else pace[verb](Number(frames));
  return performance.now() - begin;
});
console.log(JSON.stringify({ milliseconds, errors }));
