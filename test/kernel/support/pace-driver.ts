/**
 * Takes turns of a pace of ARP frames; bun's, not jest's.
 *
 *     bun pace-driver.ts FILE FRAMES_PER_SECOND take:12 giveBack:11 …
 *
 * It writes a line of JSON: the milliseconds that each step took, and what was logged.
 */
import { ArpPace } from '../../../cni/address-conflict/arp-pace';

const [file, rate, ...steps] = process.argv.slice(2) as [string, string, ...string[]];
const errors: string[] = [];
const pace = new ArpPace(Number(rate), { error: (message) => errors.push(message) }, file);
const milliseconds = steps.map((step) => {
  const [verb, frames] = step.split(':') as ['take' | 'giveBack', string];
  const begin = performance.now();
  pace[verb](Number(frames));
  return performance.now() - begin;
});
console.log(JSON.stringify({ milliseconds, errors }));
