import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const ASSEMBLY = 'cdk8s-egress-router';

interface Assembly {
  readonly types: Record<string, { name: string; fqn: string; kind: string; members?: { name: string }[] }>;
}

/** A folder within the package, with the assembly of an earlier release. */
let folder: string;
beforeEach(() => {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'dist', 'compatibility-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes today's assembly as the earlier one, with a change. */
function release(change: (assembly: Assembly) => void): void {
  const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as Assembly;
  change(assembly);
  writeFileSync(join(folder, '.jsii'), JSON.stringify(assembly));
  writeFileSync(join(folder, 'package.json'), readFileSync(join(ROOT, 'package.json')));
}

function compare(...allowed: readonly string[]) {
  const file = join(folder, 'allowed.txt');
  writeFileSync(file, ['# Why it was allowed.', ...allowed, ''].join('\n'));
  return check(process.env, '--against', folder, '--allowed', file);
}

function check(env: NodeJS.ProcessEnv, ...flags: readonly string[]) {
  const words = [join(ROOT, 'scripts/check-compatibility.mjs'), ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8', env });
  return { status, text: stdout + stderr };
}

/** Compares with the last release, of which a registry gives this answer as an error. */
function askRegistry(code: string) {
  const answer = JSON.stringify({ error: { code, summary: `the summary of ${code}` } });
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho '${answer}'\necho 'npm error ${code}' >&2\nexit 1\n`, {
    mode: 0o755,
  });
  return check({ ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` });
}

/** What it had once: an enum of two values. */
function withFormerEnum({ types }: Assembly): void {
  const [, sample] = Object.entries(types).find(([, { kind }]) => kind === 'enum')!;
  const former = { ...sample, name: 'Former', fqn: `${ASSEMBLY}.Former` };
  types[former.fqn] = { ...former, members: [{ name: 'FIRST' }, { name: 'SECOND' }] };
}

/** A value that an enum had once. */
function withFormerValue({ types }: Assembly): string {
  const [fqn, { members }] = Object.entries(types).find(([, { kind }]) => kind === 'enum')!;
  members!.push({ name: 'FORMER' });
  return `removed:${fqn}.FORMER`;
}

test('the same API passes', () => {
  release(() => undefined);
  expect(compare()).toMatchObject({ status: 0, text: expect.stringContaining('no break beyond those in') });
});

test('a break is an error with its key, and the list of allowed breaks silences the listed one alone', () => {
  const keys = [`removed:${ASSEMBLY}.Former`];
  release((assembly) => {
    keys.push(withFormerValue(assembly));
    withFormerEnum(assembly);
  });
  const found = compare();
  expect(found.status).toBe(1);
  for (const key of keys) expect(found.text).toMatch(new RegExp(`^err .*\\[${key}\\]$`, 'm'));

  const rest = compare(keys[0]!);
  expect(rest.status).toBe(1);
  expect(rest.text).toMatch(new RegExp(`^skip .*\\[${keys[0]}\\]$`, 'm'));
  expect(rest.text).toMatch(new RegExp(`^err .*\\[${keys[1]}\\]$`, 'm'));

  expect(compare(...keys)).toMatchObject({ status: 0 });
});

test('without a release nothing is compared, and that is written', () => {
  expect(askRegistry('E404')).toEqual({
    status: 0,
    text: 'compatibility: cdk8s-egress-router has no release to compare with yet\n',
  });
});

test('a registry that does not answer is an error', () => {
  expect(askRegistry('EAI_AGAIN')).toEqual({
    status: 1,
    text: 'compatibility: npm view cdk8s-egress-router: npm error EAI_AGAIN\n',
  });
});
