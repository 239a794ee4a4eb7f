import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execute } from './shell';

const ROOT = resolve(__dirname, '..', '..');

/** An archive that containerd imports, and the name that the image gets. */
export interface Image {
  readonly name: string;
  readonly archive: string;
}

/** The image of the project, under the name that the examples use; the stories' own; and the cluster's DNS. */
export function buildImages(folder: string, corednsFolder: string): Image[] {
  const { version } = require(join(ROOT, 'package.json')) as { version: string };
  const project = join(ROOT, 'dist', `egress-router-${version}.oci.tar`);
  if (!existsSync(project)) throw new Error(`${project} is missing: npm run image`);
  const client = join(folder, 'client');
  // Static: there is nothing else in its image.
  execute('env', ['CGO_ENABLED=0', 'go', 'build', '-trimpath', '-ldflags=-s -w', '-o', client, '.'], {
    cwd: join(__dirname, 'client'),
  });
  return [
    { name: `registry.example.com/egress-router:${version}`, archive: project },
    imageOf(folder, { name: 'localhost/client:1', program: client }),
    imageOf(folder, { name: 'localhost/coredns:1', program: join(corednsFolder, 'coredns') }),
  ];
}

/** An image that holds one static program. */
function imageOf(folder: string, { name, program }: { name: string; program: string }): Image {
  const archive = join(folder, `${name.replaceAll(/[/:]/g, '-')}.tar`);
  const context = join(folder, 'context');
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'runroot'), '--storage-driver', 'vfs'];
  const buildah = (...words: string[]) => execute('buildah', [...store, ...words]);
  mkdirSync(context, { recursive: true });
  try {
    execute('cp', [program, join(context, 'program')]);
    writeFileSync(join(context, 'Containerfile'), 'FROM scratch\nCOPY program /program\nENTRYPOINT ["/program"]\n');
    buildah('build', '--isolation=chroot', '--quiet', '--tag', name, context);
    buildah('push', '--quiet', name, `docker-archive:${archive}:${name}`);
  } finally {
    for (const temporary of [context, join(folder, 'store'), join(folder, 'runroot')])
      rmSync(temporary, { recursive: true, force: true });
  }
  return { name, archive };
}
