import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gatherLibraries } from './image-libraries.mjs';
import { newestChange } from './newest-change.mjs';

// `npm run image`: dist/egress-router-VERSION.oci.tar, an OCI archive for each architecture's nodes. buildah builds it
// without a daemon and without special permissions.
chdir(fileURLToPath(new URL('..', import.meta.url)));

const CONTEXT = 'dist/image';
const ARCHITECTURES = ['amd64', 'arm64'];
const SOURCES = ['Containerfile', 'scripts', 'LICENSE', 'NOTICE'];

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const archive = `dist/egress-router-${version}.oci.tar`;

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function main() {
  requireBuildah();
  execFileSync('node', ['scripts/build-plugin.mjs', '--all'], { stdio: 'inherit' });
  const executables = ARCHITECTURES.map((architecture) => `cni/dist/egress-router-${architecture}`);
  const missing = executables.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing: npm run build:plugin -- --all`);
  const newest = Math.max(newestChange(SOURCES), ...executables.map((file) => statSync(file).mtimeMs));
  const isCurrent = existsSync(archive) && statSync(archive).mtimeMs > newest;
  if (!isCurrent) {
    rmSync(CONTEXT, { recursive: true, force: true });
    for (const architecture of ARCHITECTURES) gather(architecture);
    build();
  }
  console.log(`${archive}: ${mebibytes(statSync(archive).size)} for ${ARCHITECTURES.join(' and ')}`);
}

function requireBuildah() {
  try {
    execFileSync('buildah', ['--version'], { stdio: 'ignore' });
  } catch {
    throw new Error('buildah is missing: apt-get install buildah');
  }
}

/** Gathers the files of one architecture's image for the Containerfile. */
function gather(architecture) {
  const executable = `cni/dist/egress-router-${architecture}`;
  const folder = join(CONTEXT, architecture);
  const licenses = join(folder, 'root/licenses');
  mkdirSync(licenses, { recursive: true });
  copyFileSync(executable, join(folder, 'egress-router'));
  for (const file of ['LICENSE', 'NOTICE']) copyFileSync(file, join(licenses, basename(file)));
  writeFileSync(join(licenses, 'bun'), runtimeNotice());
  gatherLibraries(architecture, join(folder, 'root'), licenses);
}

/** What the LGPL requires for distributing JavaScriptCore, which is part of the executable. */
function runtimeNotice() {
  const { version: bun } = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages['node_modules/bun'];
  return [
    `The executable is the unchanged runtime bun ${bun} (MIT licence), with this project's program put into it.`,
    `Bun's licence, and those of the libraries in it: https://github.com/oven-sh/bun/blob/bun-v${bun}/LICENSE.md`,
    'Among them is JavaScriptCore (LGPL-2.1), whose source is at https://github.com/oven-sh/WebKit.',
    "With a bun of your own, scripts/build-plugin.mjs puts the program into it: --compile-executable-path names the runtime's file.",
    '',
  ].join('\n');
}

/** In a store of its own, so that the user's images are left alone. */
function build() {
  const work = mkdtempSync(join(tmpdir(), 'egress-router-image-'));
  const buildah = (...args) => {
    const store = ['--root', join(work, 'root'), '--runroot', join(work, 'run'), '--storage-driver', 'vfs'];
    execFileSync('buildah', [...store, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const { revision, seconds } = commit();
  const unfinished = `${archive}.${process.pid}`;
  try {
    buildah(
      'build',
      '--isolation=chroot',
      // One commit, one image: no build's clock is in it.
      `--timestamp=${seconds}`,
      `--platform=${ARCHITECTURES.map((architecture) => `linux/${architecture}`).join(',')}`,
      `--build-arg=VERSION=${version}`,
      `--build-arg=REVISION=${revision}`,
      `--manifest=egress-router:${version}`,
      '--quiet',
      '--file=Containerfile',
      CONTEXT,
    );
    const target = `oci-archive:${unfinished}:localhost/egress-router:${version}`;
    buildah('manifest', 'push', '--all', '--quiet', `egress-router:${version}`, target);
    execFileSync('mv', [unfinished, archive]);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

/** The built commit and its time; without git, none and the epoch. */
function commit() {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const [revision, seconds] = execFileSync('git', ['log', '-1', '--format=%H %ct'], options).trim().split(' ');
    return { revision, seconds };
  } catch {
    return { revision: '', seconds: 0 };
  }
}

function mebibytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
