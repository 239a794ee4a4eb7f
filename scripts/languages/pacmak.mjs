import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './command.mjs';

/** Of the same generation as the compiler; a one-off from npm, because nothing else here needs it. */
export const PACMAK_VERSION = '1.140.0';

/**
 * What our package takes from its users' projects. The languages' programs run with the versions that TypeScript's do.
 */
export const PEERS = ['cdk8s', 'cdk8s-plus-28', 'constructs'];

/** @returns lines of what has to be there first */
export function missingInputs() {
  return ['.jsii', 'lib/index.js'].every((file) => existsSync(join(ROOT, file)))
    ? []
    : ['the compiled package (.jsii, lib/): npm run build'];
}

/**
 * Makes a package of an npm package with a `.jsii`, into `outdir`/TARGET.
 *
 * @param {string} target js, python, java, go or dotnet
 * @param {string} outdir
 * @param {object} [options]
 * @param {string} [options.project] the npm package's folder; ours without it
 * @param {string[]} [options.flags]
 */
export function pacmak(target, outdir, { project = ROOT, flags = [] } = {}) {
  const options = ['--target', target, '--outdir', outdir, '--no-npmignore', ...flags];
  run('npx', ['--yes', `jsii-pacmak@${PACMAK_VERSION}`, ...options, project]);
}

export function installedFolder(name) {
  return join(ROOT, 'node_modules', name);
}

export function installedVersion(name) {
  return manifest(installedFolder(name)).version;
}

export function ownManifest() {
  return manifest(ROOT);
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
