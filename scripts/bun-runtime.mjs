import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { arch, platform } from 'node:process';

/** npm's packages of the runtime, by Node.js' name of the architecture. */
const PACKAGES = { x64: '@oven/bun-linux-x64', arm64: '@oven/bun-linux-aarch64' };

/** The bun that runs on this machine. */
export function ownBun() {
  const packageName = `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`;
  // bun's install script moves the executable into the package `bun`; where npm runs no scripts it stays where it was.
  const candidates = [`node_modules/${packageName}/bin/bun`, 'node_modules/bun/bin/bun.exe'];
  // Without that script, a few lines of text are in the executable's place.
  const found = candidates.find((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000);
  if (found === undefined) throw new Error(`no bun in ${candidates.join(' or ')}: run npm ci`);
  return found;
}

/**
 * The runtime that becomes part of the plugin of an architecture: from the npm package that package-lock.json names,
 * which npm does not install where it cannot run, with the digest that stands there.
 */
export function linuxRuntime(target, folder) {
  if (platform === 'linux' && arch === target) return ownBun();
  const name = PACKAGES[target];
  const { version, integrity } = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages[`node_modules/${name}`];
  const kept = join(folder, `bun-${version}-${target}`);
  if (existsSync(kept)) return kept;
  console.error(`Fetching ${name}@${version} …`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'fetch-'));
  try {
    const stdio = ['ignore', 'pipe', 'inherit'];
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', work, `${name}@${version}`], { stdio });
    const tarball = join(work, JSON.parse(packed)[0].filename.replaceAll('/', '-').replaceAll('@', ''));
    requireIntegrity(tarball, integrity);
    execFileSync('tar', ['-xzf', tarball, '-C', work, 'package/bin/bun']);
    renameSync(join(work, 'package/bin/bun'), kept);
  } finally {
    rmSync(work, { recursive: true });
  }
  return kept;
}

function requireIntegrity(file, wanted) {
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== wanted) throw new Error(`${file} has integrity ${found}, package-lock.json has ${wanted}`);
}
