// Builds programs of Go modules for tests, once for each set of inputs, into a cache folder.
//
// From source, because then a Go module proxy is all that it takes and go.sum says what is under test.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Builds what is missing and prints where it lies; with `--path` on the command line it only looks: prints the folder,
 * or says what is missing and exits with status 1.
 *
 * @param {object} project
 * @param {string} project.name first part of the folder's name
 * @param {string} project.title what the sentence about a missing build calls it
 * @param {string} project.script the script that calls this, as a user types it
 * @param {string} project.folder where go.mod and go.sum are
 * @param {string[]} project.packages import paths of the programs
 * @param {string} project.version the release, for people
 * @param {string[]} project.stamps linker flags (`-X variable=value`) that upstream's release build gives too
 * @param {string} project.go oldest compiler that works
 */
export async function ensureGoPrograms(project) {
  const programs = project.packages.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const flags = [
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    ['-s', '-w', ...project.stamps].join(' '),
  ];
  const folder = join(cacheFolder(), `${project.name}-${key(project, flags)}`);
  if (programs.every((program) => existsSync(join(folder, program)))) {
    console.log(onlyLook() ? folder : `${project.name}: ${project.version} is present in ${folder}`);
  } else if (onlyLook()) {
    fail(`${project.title} is not built: run \`node ${project.script}\` (minutes, once) for ${folder}.`);
  } else {
    await build(project, programs, flags, folder);
  }
}

const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };

function onlyLook() {
  return process.argv[2] === '--path';
}

function cacheFolder() {
  return resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
}

/** Names everything that the programs depend on: the modules, the compiler, its target and the flags. */
function key({ folder, go }, flags) {
  const answer = spawnSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: folder, env, encoding: 'utf8' });
  if (answer.error?.code === 'ENOENT') {
    fail(`The program \`go\` (${go} or newer) is missing: install it from https://go.dev/dl and put it on PATH.`);
  }
  if (answer.status !== 0) fail(`\`go env\` failed: ${answer.error?.message ?? answer.stderr.trim()}`);
  const hash = createHash('sha256');
  const [goMod, goSum] = ['go.mod', 'go.sum'].map((name) => readFileSync(join(folder, name), 'utf8'));
  for (const input of [goMod, goSum, answer.stdout, JSON.stringify(flags)]) {
    // The length keeps two inputs from trading bytes at their border.
    hash.update(`${input.length}\n`).update(input);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Builds into a folder of its own and renames it, so that `folder` is complete whenever it exists. */
async function build({ name, version, packages, folder: source }, programs, flags, folder) {
  const partial = join(cacheFolder(), `partial-${process.pid}`);
  const start = Date.now();
  removeAbandoned();
  mkdirSync(partial, { recursive: true });
  console.log(`${name}: building ${programs.join(' and ')} ${version} (some minutes, once) ...`);
  const failure = await goBuild(source, [...flags, '-o', `${partial}/`, ...packages]);
  if (!failure) rename(partial, folder);
  rmSync(partial, { recursive: true, force: true });
  if (failure) fail(`${name}: the build failed (${failure}).`);
  console.log(`${name}: built into ${folder} in ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Resolves to nothing, or to why it failed. An interrupted build comes back here too, to be cleaned up. */
function goBuild(cwd, args) {
  const go = spawn('go', ['build', ...args], { cwd, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => go.kill('SIGINT'));
  return new Promise((done) => {
    go.on('error', (error) => done(error.message));
    go.on('exit', (status, signal) => done(status === 0 ? undefined : `go ended with ${signal ?? status}`));
  });
}

/** Another build of the same key may have been faster; its programs are as good as ours. */
function rename(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** Removes what builds left that were killed outright. */
function removeAbandoned() {
  if (!existsSync(cacheFolder())) return;
  for (const name of readdirSync(cacheFolder())) {
    const pid = /^partial-(\d+)$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(cacheFolder(), name), { recursive: true, force: true });
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
