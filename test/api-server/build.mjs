// Builds kube-apiserver and kubectl for the tests, once for each set of inputs, into a cache folder.
//
//   node build.mjs          build what is missing, print where it lies
//   node build.mjs --path   only look: print the folder, or say what is missing and exit with status 1
//
// From source, because then a Go module proxy is all that it takes and go.sum says what is under test.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const programs = ['kube-apiserver', 'kubectl'];
const goMissing = 'The program `go` (1.24 or newer) is missing: install it from https://go.dev/dl and put it on PATH.';

const goMod = readFileSync(join(here, 'go.mod'), 'utf8');
const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(goMod);
if (!version) fail('go.mod does not require a release of k8s.io/kubernetes.');

// What upstream's release build stamps into its programs; without it the server calls itself v0.0.0-master.
const stamps = { gitVersion: version[1], gitMajor: version[2], gitMinor: version[3] };
const stampFlags = ['k8s.io/client-go/pkg/version', 'k8s.io/component-base/version'].flatMap((variables) =>
  Object.entries(stamps).map(([name, value]) => `-X ${variables}.${name}=${value}`),
);
const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', ['-s', '-w', ...stampFlags].join(' ')];
const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };

const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
const folder = join(cache, `api-server-${key()}`);

if (programs.every((program) => existsSync(join(folder, program)))) {
  console.log(process.argv[2] === '--path' ? folder : `api-server: ${stamps.gitVersion} is present in ${folder}`);
} else if (process.argv[2] === '--path') {
  fail(`The test API server is not built: run \`node test/api-server/build.mjs\` (minutes, once) for ${folder}.`);
} else {
  await build();
}

/** Names everything that the programs depend on: the modules, the compiler, its target and the flags. */
function key() {
  const go = spawnSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: here, env, encoding: 'utf8' });
  if (go.error?.code === 'ENOENT') fail(goMissing);
  if (go.status !== 0) fail(`\`go env\` failed: ${go.error?.message ?? go.stderr.trim()}`);
  const hash = createHash('sha256');
  for (const input of [goMod, readFileSync(join(here, 'go.sum')), go.stdout, JSON.stringify(flags)]) {
    // The length keeps two inputs from trading bytes at their border.
    hash.update(`${input.length}\n`).update(input);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Builds into a folder of its own and renames it, so that `folder` is complete whenever it exists. */
async function build() {
  const partial = join(cache, `partial-${process.pid}`);
  const start = Date.now();
  removeAbandoned();
  mkdirSync(partial, { recursive: true });
  console.log(`api-server: building ${programs.join(' and ')} ${stamps.gitVersion} (some minutes, once) ...`);
  const failure = await goBuild(partial);
  if (!failure) rename(partial);
  rmSync(partial, { recursive: true, force: true });
  if (failure) fail(`api-server: the build failed (${failure}).`);
  console.log(`api-server: built into ${folder} in ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Resolves to nothing, or to why it failed. An interrupted build comes back here too, to be cleaned up. */
function goBuild(output) {
  const packages = programs.map((program) => `k8s.io/kubernetes/cmd/${program}`);
  const go = spawn('go', ['build', ...flags, '-o', `${output}/`, ...packages], {
    cwd: here,
    env,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => go.kill('SIGINT'));
  return new Promise((done) => {
    go.on('error', (error) => done(error.message));
    go.on('exit', (status, signal) => done(status === 0 ? undefined : `go ended with ${signal ?? status}`));
  });
}

/** Another build of the same key may have been faster; its programs are as good as ours. */
function rename(partial) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** Removes what builds left that were killed outright. */
function removeAbandoned() {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    const pid = /^partial-(\d+)$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
