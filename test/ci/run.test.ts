import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../kernel/support/eventually';

const ROOT = join(__dirname, '../..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egress-router-ci-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The runner with the steps of test/fixtures/ci/main.mjs. */
const RUNNER = join(ROOT, 'test/fixtures/ci/main.mjs');
const environment = (sign: string) => ({ ...process.env, SIGN: join(folder, sign) });

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUNNER, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    env: environment('lanes'),
    // A lane that waits for another must not hold up the suite.
    timeout: 30_000,
  });
  // Each step's seconds differ from run to run.
  return { status, stdout: stdout.replaceAll(/ +\d+\.\d s/g, ' N s'), stderr };
}

test('.ci/run --list names each step once, with one line about it', () => {
  const { status, stdout, stderr } = spawnSync(join(ROOT, '.ci/run'), ['--list'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+ {2,}\S.*\S$/);
  const names = lines.map((line) => line.split(' ')[0]!);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['unit', 'lint', 'kernel', 'openstack', 'e2e', 'clean']));
  expect(names[0]).toBe('unit');
});

test('an unknown step and an unknown option are misuse, each with what is accepted', () => {
  expect(run('passes', 'nope', '--nope')).toEqual({
    status: 2,
    stdout: '',
    stderr: `${[
      '.ci/run: unknown option --nope; accepted: --full, --list',
      '.ci/run: unknown step nope; accepted: passes, fails-early, pipe, killed, waits, left, right, right-fails, after, last',
    ].join('\n')}\n`,
  });
});

test('named steps run alone, in the order of a complete run, and a table has their seconds', () => {
  expect(run('last', 'passes')).toEqual({
    status: 0,
    stdout: [
      '',
      '== passes: the step passes',
      'output of passes',
      '== passes: N s',
      '',
      '== last: the step last',
      'output of last',
      '== last: N s',
      '',
      'passes N s',
      'last N s',
      'all N s',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('--full runs the longer form of a step that has one', () => {
  const { status, stdout } = run('--full', 'passes', 'last');
  expect(status).toBe(0);
  expect(stdout).toContain('longer output of passes\n');
  expect(stdout).toContain('output of last\n');
});

test.each(['fails-early', 'pipe', 'killed'])('the step %s ends the run with a failure', (name) => {
  const { status, stdout } = run('passes', name, 'last');
  expect(status).toBe(1);
  expect(stdout).not.toContain('not reached');
  expect(stdout).not.toContain('== last');
  expect(stdout).toMatch(new RegExp(`^${name} +N s {2}failed$`, 'm'));
});

test('lanes run side by side, and a failure lets what runs end and starts nothing more', () => {
  const { status, stdout } = run('left', 'right', 'right-fails', 'after', 'last');
  expect(status).toBe(1);
  for (const name of ['left', 'right']) expect(stdout).toContain(`output of ${name}\n`);
  for (const name of ['after', 'last']) expect(stdout).not.toContain(`output of ${name}`);
  // Once, before the first of them: both would install npm's packages at the same time.
  expect(stdout.split('prepared')).toEqual([
    expect.not.stringContaining('=='),
    expect.stringContaining('output of right'),
  ]);
  expect(stdout).toMatch(/^right-fails +N s {2}failed$/m);
});

test('a signal ends the run, and what its step has started', async () => {
  const runner = spawn(process.execPath, [RUNNER, 'waits', 'last'], {
    cwd: ROOT,
    env: environment('started'),
    stdio: 'ignore',
  });
  const ended = once(runner, 'exit');
  const started = () => Number(readFileSync(join(folder, 'started'), 'utf8'));
  await eventually(() => expect(started()).toBeGreaterThan(1), 20_000);
  runner.kill('SIGTERM');
  expect(await ended).toEqual([1, null]);
  await eventually(() => expect(isRunning(started())).toBe(false));
});

/** A zombie has ended. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}
