import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { CODES, encodeError, toCniError } from '../../cni/protocol/cni-error';
import { type Environment, readInvocation } from '../../cni/protocol/invocation';
import { dataPlane } from '../../src/config/data-plane';
import { encodeNetworkConfig } from '../../src/config/network-config';
import { networkConfig as anyNetworkConfig } from '../support/arbitrary-network-config';
import { ENVIRONMENT } from '../support/call';
import { type Json, mutated, mutatedText } from '../support/mutation';
import { Random } from '../support/random';
import { Lab } from './lab/lab';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY, networkConfig } from './lab/network-config';
import type { Answer, PluginConfig } from './lab/plugin';
import type { Pod } from './lab/pod';
import { networkState, storedAttachments } from './lab/state';
import { describeOnKernel } from './support/requires';

const SEED = Number(process.env.SEED ?? 20260401);
const COMMANDS = ['ADD', 'ADD', 'ADD', 'CHECK', 'DEL', 'STATUS', 'GC', 'VERSION'];

test(`1,000,000 mutated calls are understood or refused, in process (SEED=${SEED})`, () => {
  const seeds = fc.sample(anyNetworkConfig, { numRuns: 200, seed: SEED }).map((config) => encodeNetworkConfig(config));
  const random = new Random(SEED);
  const outcomes = new Map<number, number>();
  for (let number = 0; number < 1_000_000; number++) {
    const tree = mutated(random.oneOf(seeds) as Json, random);
    const text = JSON.stringify(tree);
    const stdin = random.once(20) ? mutatedText(text, random) : text;
    const environment = mutatedEnvironment(random);
    const code = outcomeOf(environment, stdin);
    if (code === CODES.INTERNAL) {
      throw new Error(`case ${number} of SEED=${SEED}: a defect for ${JSON.stringify(environment)} and ${stdin}`);
    }
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  }
  // Each kind of answer came often enough to mean something; 0 is for calls that were accepted.
  const wanted = [0, CODES.INCOMPATIBLE_VERSION, CODES.INVALID_ENVIRONMENT, CODES.DECODE, CODES.INVALID_CONFIG];
  expect([...outcomes.keys()].sort((a, b) => a - b)).toEqual(wanted);
  expect(Math.min(...outcomes.values())).toBeGreaterThan(5_000);
}, 300_000);

function mutatedEnvironment(random: Random): Environment {
  const environment: Record<string, string> = { ...ENVIRONMENT, CNI_COMMAND: random.oneOf(COMMANDS) };
  if (random.once(10)) {
    const name = random.oneOf([...Object.keys(environment), 'CNI_ARGS']);
    const value = random.oneOf(['', '.', 'a/b', 'MAC=x', 'K8S_POD_NAME=db;MAC=02:00:00:00:00:01', '=', 'ü'.repeat(99)]);
    environment[name] = value;
  }
  return environment;
}

/** The error's code, or 0 for a call that is understood, whose router can be planned. */
function outcomeOf(environment: Environment, stdin: string): number {
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

describeOnKernel('2,000 mutated configurations through the executable', ['ip', 'nft'], () => {
  let lab: Lab;
  let pod: Pod;
  let folder: string;
  beforeAll(() => {
    lab = new Lab();
    pod = lab.node.addPod('router');
    folder = mkdtempSync(join(tmpdir(), 'mutated-'));
  });
  afterAll(() => {
    lab[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  const SEEDS = [IPV4_ONLY, IPV6_ONLY, DUAL_STACK].map((ip) =>
    networkConfig(
      'mutated',
      { ...ip, fallbackIP: ip === IPV6_ONLY ? '2001:db8:113::27' : '203.0.113.27' },
      {
        conflictWait: 0,
        announcements: 1,
        healthPort: 9180,
        log_level: 'error',
      },
    ),
  );

  test(`each ends with a result or an error, and leaves nothing (SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const before = networkState(pod.namespace);
    let made = 0;
    for (let number = 0; number < 2_000; number++) {
      const config = harmless(mutated(random.oneOf(SEEDS) as Json, random), folder);
      const answer = await pod.call('ADD', config);
      const where = `case ${number} of SEED=${SEED}, ${JSON.stringify(config)}:\n${answer.stdout}${answer.stderr}`;
      expect({ where, problem: problemOf(answer) }).toEqual({ where, problem: undefined });
      if (answer.status === 0) {
        made++;
        await pod.del(config);
      }
      // What was left stays: looking once in a while is enough, except after an ADD that got as far as the kernel.
      if ((answer.status === 0 || REFUSED.includes(answer.json.code!)) && number % 25 !== 0) continue;
      expect({ where, state: networkState(pod.namespace) }).toEqual({ where, state: before });
    }
    expect(storedAttachments(pod.containerId)).toEqual([]);
    expect(made).toBeGreaterThan(100);
    expect(made).toBeLessThan(1_900);
  }, 300_000);
});

const REFUSED: readonly number[] = [CODES.INCOMPATIBLE_VERSION, CODES.DECODE, CODES.INVALID_CONFIG];

/** A log is written wherever the configuration says, so that is the one thing not left to chance. */
function harmless(tree: Json, folder: string): PluginConfig {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return tree as unknown as PluginConfig;
  const { log_file: file, ...config } = tree;
  return file === undefined ? config : { ...config, log_file: join(folder, 'log') };
}

/** What is wrong with an answer, whatever the configuration was. */
function problemOf({ status, stdout, stderr, json }: Answer): string | undefined {
  if (/\bat .*\.[jt]s\b|bunfs/.test(stdout)) return 'a stack trace';
  if (!lines(stderr).every(isOrdinary)) return 'something that is not an ordinary line of the log';
  if (status === 0) return json.interfaces?.[0]?.name === 'net1' ? undefined : 'no result';
  if (status !== 1) return `exit status ${status}`;
  if (typeof json.code !== 'number' || typeof json.msg !== 'string' || json.msg === '') return 'no CNI error';
  return json.code === CODES.INTERNAL ? 'a defect' : undefined;
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** A line of the log that is not about a defect; what the runtime prints when it crashes is no line of ours. */
function isOrdinary(line: string): boolean {
  try {
    return ['error', 'verbose', 'debug'].includes(JSON.parse(line).level);
  } catch {
    return false;
  }
}
