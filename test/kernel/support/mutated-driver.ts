/**
 * Mutated calls through the plugin's decoder, run by bun: what they meet there is the plugin's own runtime, which is
 * also the quicker one.
 *
 *     bun mutated-driver.ts SEED FIRST COUNT < configurations.json
 *
 * Prints how often each code came, 0 for calls that were understood; ends at the first defect, which it prints.
 */
import { readFileSync } from 'node:fs';
import { CODES, encodeError, toCniError } from '../../../cni/protocol/cni-error';
import { type Environment, readInvocation } from '../../../cni/protocol/invocation';
import { dataPlane } from '../../../src/domain/data-plane/data-plane';
import { ENVIRONMENT } from '../../support/call';
import { type Json, mutated, mutatedText } from '../../support/mutation';
import { Random } from '../../support/random';

const COMMANDS = ['ADD', 'ADD', 'ADD', 'CHECK', 'DEL', 'STATUS', 'GC', 'VERSION'];
const VALUES = ['', '.', 'a/b', 'MAC=x', 'K8S_POD_NAME=db;MAC=02:00:00:00:00:01', '=', 'ü'.repeat(99)];

function main(seed: number, first: number, count: number): void {
  const configurations = JSON.parse(readFileSync(0, 'utf8')) as Json[];
  const codes: Record<number, number> = {};
  // The stacks of a million errors are not needed.
  Error.stackTraceLimit = 0;
  for (let number = first; number < first + count; number++) {
    // Each call has numbers of its own, so that it can be repeated alone.
    const random = new Random(seed + number * 0x9e3779b1);
    const text = JSON.stringify(mutated(random.oneOf(configurations), random));
    const stdin = random.once(20) ? mutatedText(text, random) : text;
    const environment = mutatedEnvironment(random);
    const code = codeOf(environment, stdin);
    if (code === CODES.INTERNAL)
      throw new Error(`call ${number}: a defect for ${JSON.stringify({ environment, stdin })}`);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  console.log(JSON.stringify(codes));
}

function mutatedEnvironment(random: Random): Environment {
  const environment: Record<string, string> = { ...ENVIRONMENT, CNI_COMMAND: random.oneOf(COMMANDS) };
  if (random.once(10)) environment[random.oneOf([...Object.keys(environment), 'CNI_ARGS'])] = random.oneOf(VALUES);
  return environment;
}

/** The error's code, or 0 for a call that is understood, and whose router can be planned. */
function codeOf(environment: Environment, stdin: string): number {
  try {
    const call = readInvocation(environment, stdin);
    if ('config' in call) dataPlane(call.config, 'net1', 'eth0');
    return 0;
  } catch (thrown) {
    const error = toCniError(thrown);
    const { cniVersion, code, msg } = JSON.parse(encodeError('1.1.0', error));
    return cniVersion === '1.1.0' && typeof msg === 'string' && msg !== '' ? code : CODES.INTERNAL;
  }
}

const [seed, first, count] = process.argv.slice(2).map(Number) as [number, number, number];
main(seed, first, count);
