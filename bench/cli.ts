import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { writeFleet } from './fleet-manifests';
import { PLUGIN } from './plugin/contestants';
import { median, range } from './statistics';
import { table, whole } from './table';

const CLI = resolve(__dirname, '../lib/cli.js');

/** Exit codes of success: `plan --diff` returns 2 for changes. */
const SUCCESSES = [0, 2];

/** The commands that read manifests: whole processes, from spawn to exit. */
export function cli(quick: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-bench-'));
  try {
    return measured(folder, quick);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measured(folder: string, quick: boolean): string {
  const count = quick ? 100 : 1_000;
  const rounds = quick ? 2 : 11;
  const [old, now] = [join(folder, 'old'), join(folder, 'new')];
  writeFleet(count, now);
  cpSync(now, old, { recursive: true });
  changeOneNamespace(old);
  const commands = [
    ['plan', now],
    ['plan', '--diff', old, now],
    ['diagram', now],
    ['diagram', '--format=svg', now],
  ];
  // A node's executable is measured where it was built for this machine.
  const programs = [[process.execPath, CLI], ...(existsSync(PLUGIN) ? [[PLUGIN]] : [])];
  const times = commands.map(() => programs.map((): number[] => []));
  for (let round = 0; round < rounds; round++) {
    for (const [row, command] of commands.entries()) {
      for (const [column, program] of programs.entries()) {
        times[row]![column]!.push(run([...program, ...command], join(folder, 'answer')));
      }
    }
  }
  const rows = commands.map((command, row) => [
    `\`${command.map((word) => word.replace(folder, '').replace(/^\//, '')).join(' ')}\``,
    ...times[row]!.flatMap((values) => [whole(median(values)), range(values)]),
  ]);
  const header = ['command', 'Node.js ms', 'range', ...(programs.length > 1 ? ['executable ms', 'range'] : [])];
  return [
    `## Commands on the manifests of ${whole(count)} routers`,
    '',
    `${whole(sizeOf(now) / 1024)} KiB of YAML, fresh processes, ${rounds} of each. Goal: at most 2,000 ms.`,
    '',
    table(header, rows),
  ].join('\n');
}

/** Another port in each router of the first file. */
function changeOneNamespace(folder: string): void {
  const file = join(folder, readdirSync(folder).sort()[0]!);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('8443', '8444'));
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + readFileSync(join(folder, file)).length, 0);
}

/** Milliseconds. The answer goes to a file, as it would in a pipeline. */
function run([program, ...args]: readonly string[], answer: string): number {
  const output = openSync(answer, 'w');
  try {
    const start = performance.now();
    const { status, stderr } = spawnSync(program!, args, { stdio: ['ignore', output, 'pipe'], encoding: 'utf8' });
    const time = performance.now() - start;
    if (!SUCCESSES.includes(status ?? -1)) throw new Error(`${args[0]}: exit status ${status}\n${stderr}`);
    return time;
  } finally {
    closeSync(output);
  }
}
