import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

export const ARCHIVE = join(ROOT, `dist/egress-router-${version}.oci.tar`);

/** What a runtime reads of an image. @see https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly architecture: string;
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly architecture: string };
}

/** `npm run image`, which does nothing when it is up to date. */
export function buildImage(): void {
  execFileSync(process.execPath, ['scripts/build-image.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** An architecture's image out of the archive: its files below `folder/rootfs`, as a runtime has them. */
export function unpackImage(folder: string, architecture: string): ImageConfig {
  const store = join(folder, 'oci');
  mkdirSync(store, { recursive: true });
  execFileSync('tar', ['-xf', ARCHIVE, '-C', store]);
  const blob = ({ digest }: Descriptor) => join(store, 'blobs', digest.replace(':', '/'));
  const json = (descriptor: Descriptor) => JSON.parse(readFileSync(blob(descriptor), 'utf8'));
  const [index] = JSON.parse(readFileSync(join(store, 'index.json'), 'utf8')).manifests as [Descriptor];
  const manifests = json(index).manifests as Descriptor[];
  const manifest = json(manifests.find(({ platform }) => platform?.architecture === architecture)!);
  const rootfs = join(folder, 'rootfs');
  mkdirSync(rootfs);
  for (const layer of manifest.layers) execFileSync('tar', ['-xzf', blob(layer), '-C', rootfs]);
  return json(manifest.config);
}
