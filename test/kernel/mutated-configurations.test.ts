import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { CODES } from '../../cni/protocol/cni-error';
import { encodeNetworkConfig } from '../../src/domain/router/network-config';
import { networkConfig as anyNetworkConfig } from '../support/arbitrary-network-config';
import { type Json, mutated } from '../support/mutation';
import { Random } from '../support/random';
import { Lab } from './lab/lab';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY, networkConfig } from './lab/network-config';
import type { Answer, PluginConfig } from './lab/plugin';
import type { Pod } from './lab/pod';
import { networkState, storedAttachments } from './lab/state';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const SEED = Number(process.env.SEED ?? 20260401);
const CALLS = process.env.EGRESS_ROUTER_FULL ? 1_000_000 : 200_000;
const PROCESSES = 2;

test(`${CALLS} mutated calls are understood or refused, in process (SEED=${SEED})`, async () => {
  const configurations = fc.sample(anyNetworkConfig, { numRuns: 200, seed: SEED }).map(encodeNetworkConfig);
  const share = CALLS / PROCESSES;
  const parts = Array.from({ length: PROCESSES }, (_, index) => decodeMutated(configurations, index * share, share));
  const codes = sum(await Promise.all(parts));
  // Each kind of answer came often enough to mean something; 0 is for calls that were understood.
  const { INCOMPATIBLE_VERSION, UNSUPPORTED_FIELD, INVALID_ENVIRONMENT, DECODE, INVALID_CONFIG } = CODES;
  const wanted = [0, INCOMPATIBLE_VERSION, UNSUPPORTED_FIELD, INVALID_ENVIRONMENT, DECODE, INVALID_CONFIG];
  expect([...codes.keys()].sort((a, b) => a - b)).toEqual(wanted);
  expect(Math.min(...codes.values())).toBeGreaterThan(CALLS / 100);
}, 300_000);

/** How often each code came. */
async function decodeMutated(configurations: readonly unknown[], first: number, count: number) {
  const words = [join(__dirname, 'support/mutated-driver.ts'), SEED, first, count].map(String);
  const call = promisify(execFile)(BUN, words);
  call.child.stdin!.end(JSON.stringify(configurations));
  return JSON.parse((await call).stdout) as Record<string, number>;
}

function sum(parts: readonly Record<string, number>[]): ReadonlyMap<number, number> {
  const total = new Map<number, number>();
  for (const [code, count] of parts.flatMap((part) => Object.entries(part))) {
    total.set(Number(code), (total.get(Number(code)) ?? 0) + count);
  }
  return total;
}

describeOnKernel('2,000 mutated configurations through the executable', ['ip', 'nft'], () => {
  let lab: Lab;
  let pod: Pod;
  let folder: string;
  beforeAll(() => {
    lab = new Lab();
    pod = lab.node.addPod('router');
    folder = mkdtempSync('/var/log/egress-router-mutated-');
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

const REFUSED: readonly number[] = [
  CODES.INCOMPATIBLE_VERSION,
  CODES.UNSUPPORTED_FIELD,
  CODES.DECODE,
  CODES.INVALID_CONFIG,
];

/** A log is written wherever below /var/log the configuration says, so that is the one thing not left to chance. */
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

/** A line of the log that is not about a defect; what the runtime prints when it crashes is not a line of ours. */
function isOrdinary(line: string): boolean {
  try {
    return ['error', 'verbose', 'debug'].includes(JSON.parse(line).level);
  } catch {
    return false;
  }
}
