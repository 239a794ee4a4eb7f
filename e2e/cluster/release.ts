import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Image, releaseImage } from './images';
import { execute } from './shell';

const ROOT = resolve(__dirname, '..', '..');

/** The sources of the executable, besides the packages. */
const SOURCES = ['cni', 'cli', 'src', 'scripts', 'package-lock.json'];

/**
 * The project's image of a later release: the same sources compiled under another version. @param folder of its archive
 */
export function buildRelease(folder: string, version: string): Image {
  const work = mkdtempSync(join(folder, 'release-'));
  try {
    for (const source of SOURCES) {
      const filter = (path: string) => basename(path) !== 'dist';
      cpSync(join(ROOT, source), join(work, source), { recursive: true, preserveTimestamps: true, filter });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
    const description = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object;
    writeFileSync(join(work, 'package.json'), JSON.stringify({ ...description, version }));
    execute(process.execPath, [join(work, 'scripts', 'build-plugin.mjs')]);
    return releaseImage(folder, version, join(work, 'cni', 'dist', 'egress-router'));
  } finally {
    rmSync(work, { recursive: true });
  }
}
