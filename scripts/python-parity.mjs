/**
 * `npm run test:python`: proves that the packages for other languages are a build step and nothing else. Builds the
 * Python package, installs it where nothing of this repository is in reach, and compares what the examples in
 * Python synthesize with what their twins in TypeScript do, byte for byte. Then generates the Java, Go and .NET packages.
 *
 * Needs python3 with venv, the npm registry and PyPI, and what `npm run build` made.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of the same generation as the compiler; a one-off from npm, because nothing else here needs it. */
const JSII_PACMAK = 'jsii-pacmak@1.140.0';

/** Python's `jsii` is the runtime; the others are this package's peers. */
const PEERS = ['cdk8s', 'cdk8s-plus-28', 'constructs'];

const ROOT = join(import.meta.dirname, '..');
const WORK = mkdtempSync(join(tmpdir(), 'egress-router-python-'));
/** The examples that there are in both languages. */
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) =>
  existsSync(join(ROOT, 'examples', name, 'main.py')),
);
const PYTHON = join(WORK, 'venv', 'bin', 'python');
const started = Date.now();

try {
  requireTools();
  step('jsii-pacmak builds the wheel', () => pacmak('wheels', '--target', 'python'));
  step('fresh venv', () => run('python3', ['-m', 'venv', join(WORK, 'venv')]));
  step('pip installs the wheel and its peers', install);
  for (const name of EXAMPLES) {
    const folder = join(ROOT, 'examples', name);
    step(`examples/${name}/main.py`, () => synthesize(`python-${name}`, PYTHON, [join(folder, 'main.py')]));
    step(`examples/${name}/main.ts`, () => synthesize(`typescript-${name}`, 'npx', ['tsx', join(folder, 'main.ts')]));
    step('both wrote the same bytes', () => compare(name));
  }
  step('jsii-pacmak generates Java, Go and .NET', () =>
    pacmak('code', '--code-only', '--target', 'java', '--target', 'go', '--target', 'dotnet'),
  );
  console.log(`python-parity: done in ${seconds(started)}`);
} catch (error) {
  console.error(`python-parity: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(WORK, { recursive: true, force: true });
}

/** Says everything that is missing at once, with what brings it. */
function requireTools() {
  const missing = [];
  if (!existsSync(join(ROOT, '.jsii')) || !existsSync(join(ROOT, 'lib', 'index.js'))) {
    missing.push('the compiled package (.jsii, lib/): npm run build');
  }
  const has = (...args) => spawnSync('python3', args).status === 0;
  if (!has('--version')) missing.push('python3, 3.10 or later: apt-get install python3 python3-venv');
  else if (!has('-c', 'import sys; sys.exit(sys.version_info < (3, 10))'))
    missing.push('python3 of version 3.10 or later');
  // Debian splits ensurepip off: without it `python3 -m venv` starts, and fails half way.
  else if (!has('-c', 'import venv, ensurepip'))
    missing.push("python3's venv and ensurepip: apt-get install python3-venv");
  if (missing.length > 0) throw new Error(`missing:\n${missing.map((what) => `  - ${what}`).join('\n')}`);
}

function pacmak(directory, ...options) {
  run('npx', ['--yes', JSII_PACMAK, ...options, '--outdir', join(WORK, directory), ROOT]);
}

/**
 * The peers come in the versions that the TypeScript side runs with: what a newer cdk8s writes differently is not this
 * package's doing. `pip check` then holds the peer ranges, which pacmak has put into the wheel, against them.
 */
function install() {
  const wheels = join(WORK, 'wheels', 'python');
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`jsii-pacmak made no wheel, but ${readdirSync(wheels).join(', ')}`);
  const peers = PEERS.map((name) => `${name}==${installedVersion(name)}`);
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', join(wheels, wheel), ...peers]);
  run(PYTHON, ['-m', 'pip', 'check']);
  return [wheel, ...peers].join(', ');
}

function installedVersion(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function synthesize(directory, command, args) {
  const outdir = join(WORK, directory);
  mkdirSync(outdir);
  // Python starts in the scratch directory: it must find the installed package and nothing else.
  const cwd = command === PYTHON ? WORK : ROOT;
  run(command, args, { cwd, env: { CDK8S_OUTDIR: outdir } });
}

function compare(name) {
  const directories = [join(WORK, `typescript-${name}`), join(WORK, `python-${name}`)];
  const [expected, actual] = directories.map((directory) => readdirSync(directory).sort());
  if (expected.length === 0) throw new Error(`examples/${name}/main.ts wrote no file`);
  if (expected.join() !== actual.join())
    throw new Error(`TypeScript wrote ${expected.join()}, Python ${actual.join()}`);
  const differences = expected.flatMap((file) => {
    const [ours, theirs] = directories.map((directory) => readFileSync(join(directory, file)));
    return ours.equals(theirs) ? [] : [`--- ${file}, TypeScript\n+++ ${file}, Python\n${difference(ours, theirs)}`];
  });
  if (differences.length > 0) throw new Error(`the manifests differ\n${differences.join('\n')}`);
  return expected.join(', ');
}

/** The lines between the common beginning and the common end. */
function difference(ours, theirs) {
  const [before, after] = [ours, theirs].map((bytes) => bytes.toString('utf8').split('\n'));
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const between = (lines, sign) => lines.slice(head, lines.length - tail).map((line) => `${sign}${line}`);
  return [`@@ line ${head + 1} @@`, ...between(before, '-'), ...between(after, '+')].join('\n');
}

/** Runs a command; what it prints is only shown when it fails. */
function run(command, args, { cwd = ROOT, env = {} } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      // The runtime keeps unpacked packages by name and version: a home-made one must not meet an earlier one.
      JSII_RUNTIME_PACKAGE_CACHE_ROOT: join(WORK, 'jsii'),
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20',
      ...env,
    },
  });
  if (status === 0) return;
  const reason = error?.message ?? (signal ? `signal ${signal}` : `exit status ${status}`);
  throw new Error(`${[command, ...args].join(' ')}: ${reason}\n${stdout ?? ''}${stderr ?? ''}`);
}

function step(name, action) {
  const start = Date.now();
  const detail = action();
  console.log(`${seconds(start).padStart(7)}  ${name}${detail === undefined ? '' : ` (${detail})`}`);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
