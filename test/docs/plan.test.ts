import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { load } from 'js-yaml';
import { PLAN_FLAGS } from '../../cli/commands/plan';
import { edited, fixture } from '../cli/manifests';
import { type Block, blocksOf, readDocument } from '../support/markdown';

const DOCUMENT = 'docs/plan.md';
const BUNDLE = join(__dirname, '../../lib/cli.js');
const BLOCKS = blocksOf(DOCUMENT);

/** Needs root: test/kernel/plan.test.ts runs it. */
const isForRoot = ({ text }: Block) => text.startsWith('unshare');

const STANDALONE = fixture('standalone');
/** A second router, with addresses of its own. */
const LIVE = edited(
  fixture('live-rules'),
  ['192.168.12.99', '192.168.12.97', 3],
  ['12::99', '12::97', 3],
  ['0c:63', '0c:61', 3],
);

/**
 * What each command finds in the current folder: manifests before and after a change, and the programs that it calls.
 */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-document-'));
  manifests('before', STANDALONE, LIVE);
  manifests(
    'dist',
    edited(
      STANDALONE,
      ['192.168.12.99', '192.168.12.98', 2],
      ['0c:63', '0c:62', 2],
      ['config-hash: ', 'config-hash: 0'],
    ),
    edited(LIVE, ['8080 TCP 203.0.113.26 80', '8080 TCP 203.0.113.27 80', 2]),
  );
  mkdirSync(join(folder, 'bin'));
  // The package as npm would have it installed, and synth of the commit that is checked out.
  program(
    'npx',
    `case $1 in cdk8s-egress-router) shift; exec "${process.execPath}" "${BUNDLE}" "$@" ;; *) cp -r "$WORLD/$(cat checked-out)" "$4" ;; esac`,
  );
  program('kubectl', 'cat "$WORLD/dist/standalone.yaml"; echo ---; cat "$WORLD/dist/live.yaml"');
  program('gh', 'printf "%s\\n" "$@" > gh.log; cat plan.md >> gh.log');
  program('npm', 'test "$1" = ci');
});
afterAll(() => rmSync(folder, { recursive: true }));

function manifests(name: string, standalone: string, live: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'standalone.yaml'), standalone);
  writeFileSync(join(folder, name, 'live.yaml'), live);
}

function program(name: string, script: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(path, `#!/bin/sh\nset -eu\n${script}\n`);
  chmodSync(path, 0o755);
}

function shell(script: string, variables: Readonly<Record<string, string>> = {}) {
  const env = {
    ...process.env,
    PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
    WORLD: folder,
    ...variables,
  };
  // As GitHub's runners start it.
  const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const COMMANDS = BLOCKS.filter((block) => block.language === 'sh' && !isForRoot(block));

test('the document has commands', () => expect(COMMANDS.length).toBeGreaterThanOrEqual(5));

test.each(COMMANDS.map(({ place, text }) => [place, text] as const))('%s does what it says', (place, text) => {
  const { status, stdout } = shell(text);
  const next = BLOCKS[BLOCKS.findIndex((block) => block.place === place) + 1];
  // Routers change; the check for restarts finds one.
  expect(status).toBe(/--diff [^|]+$/.test(text) ? 2 : text.includes('--eval') ? 1 : 0);
  if (next?.language === 'text') expect(stdout).toBe(next.text);
  else if (!text.includes('>')) expect(stdout).toContain('ip link add net1');
});

test('so do the commands of the README', () => {
  const { text } = blocksOf('README.md').find(({ heading }) => heading === 'Day two')!;
  const statuses = text
    .trim()
    .split('\n')
    .map((command) => shell(command).status);
  expect(statuses).toEqual([0, 2, 0]);
});

test('the check for restarts stops at one', () => {
  const { text } = COMMANDS.at(-1)!;
  writeFileSync(join(folder, 'restart.yaml'), edited(STANDALONE, ['egress-router:0.1.0', 'egress-router:0.2.0']));
  const status = (before: string, after: string) => shell(text.replace('before/ dist/', `${before} ${after}`)).status;
  expect(status('before/standalone.yaml', 'restart.yaml')).toBe(1);
  expect(status('before/standalone.yaml', 'dist/standalone.yaml')).toBe(1);
  expect(status('before/live.yaml', 'dist/live.yaml')).toBe(0);
  expect(status('dist/', 'dist/')).toBe(0);
});

describe('the workflow', () => {
  interface Step {
    readonly name?: string;
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
  }
  const workflow = load(BLOCKS.find(({ language }) => language === 'yaml')!.text) as {
    readonly jobs: { readonly plan: { readonly steps: readonly Step[] } };
  };
  const STEPS = workflow.jobs.plan.steps.flatMap(({ run }) => run ?? []);

  /** Runs its steps. @param commits what the base and the pull request synthesize to */
  function runSteps(...commits: readonly string[]): number | null {
    const temp = mkdtempSync(join(folder, 'runner-'));
    rmSync(join(folder, 'gh.log'), { force: true });
    writeFileSync(join(folder, 'summary.md'), '');
    const statuses = STEPS.map((step, index) => {
      writeFileSync(join(folder, 'checked-out'), commits[index] ?? commits.at(-1)!);
      const variables = { RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: join(folder, 'summary.md'), PULL_REQUEST: '7' };
      return shell(step, variables).status;
    });
    return statuses.find((status) => status !== 0) ?? 0;
  }

  test('comments on a pull request that changes routers', () => {
    expect(runSteps('before', 'dist')).toBe(0);
    const comment = readFileSync(join(folder, 'gh.log'), 'utf8');
    const documented = BLOCKS.find(({ language }) => language === 'markdown')!.text;
    expect(comment).toContain(`pr\ncomment\n7\n--body-file\nplan.md\n${documented}`);
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain(documented);
  });

  test('says nothing on one that does not', () => {
    expect(runSteps('dist', 'dist')).toBe(0);
    expect(() => readFileSync(join(folder, 'gh.log'))).toThrow('ENOENT');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toBe('**Egress routers.** No changes: 2 routers.\n');
  });

  test('fails where the manifests are wrong', () => {
    mkdirSync(join(folder, 'wrong'));
    writeFileSync(join(folder, 'wrong', 'a.yaml'), 'hello');
    expect(runSteps('before', 'wrong')).toBe(1);
  });
});

/** First cells of the table below a heading. */
function rows(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell!);
}

/** From one line of the document on, to the end of the table that follows. */
function tableBehind(line: string): string {
  const [, rest] = readDocument(DOCUMENT).split(`\n${line}\n`);
  return rest!.trimStart().split('\n\n')[0]!;
}

test('the members of the JSON forms are those of the tables', () => {
  const [router] = JSON.parse(shell('npx cdk8s-egress-router plan --json dist/').stdout);
  const withParent = edited(STANDALONE, ['"mode": "bridge"', '"mode": "bridge", "master": "ens4"']);
  writeFileSync(join(folder, 'parent.yaml'), withParent);
  const [other] = JSON.parse(shell('npx cdk8s-egress-router plan --json parent.yaml').stdout);
  expect(other.parent).toBe('ens4');
  const documented = rows(tableBehind('With `--json` it is a list of routers, sorted by name:'));
  expect(Object.keys({ ...router, ...other }).sort()).toEqual(documented.sort());

  const plan = JSON.parse(shell('npx cdk8s-egress-router plan --diff --json before/ dist/').stdout);
  const members = [...Object.keys(plan), ...Object.keys(plan.changes[0]).map((key) => `changes[].${key}`)];
  expect(members.sort()).toEqual(rows(tableBehind('With `--json`:')).sort());
});

test('each exit code is what the table says', () => {
  expect(readDocument(DOCUMENT)).toMatch(/^\| 0 \|.*no router changes \|\n\| 1 \|.*\n\| 2 \|.*routers change \|$/ms);
  const status = (command: string) => shell(`npx cdk8s-egress-router ${command}`).status;
  expect(status('plan --diff dist/ dist/')).toBe(0);
  expect(['plan nowhere', 'plan --dif', 'plann'].map(status)).toEqual([1, 1, 1]);
  expect(status('plan --diff before/ dist/')).toBe(2);
});

test('each flag is there, with the words of its help', () => {
  const flags = Object.entries(PLAN_FLAGS).map(
    ([name, flag]) => `| \`--${name}${'value' in flag ? `=${flag.value}` : ''}\` | ${flag.help} |`,
  );
  expect(readDocument(DOCUMENT)).toContain(`| flag | |\n|---|---|\n${flags.join('\n')}\n`);
});
