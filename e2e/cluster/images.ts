import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execute } from './shell';

const ROOT = resolve(__dirname, '..', '..');

/** An archive for containerd, and the name of its image. */
export interface Image {
  readonly name: string;
  readonly archive: string;
}

/** The project's image under the name of a registry that does not exist. @param version the image's tag */
export const projectImage = (version: string) => `registry.example.com/egress-router:${version}`;

/**
 * The image of the project, under the name that the examples use; the scenarios' own; the cluster's DNS; and the
 * documents' client.
 *
 * @param authority the certificate that the documents' client trusts
 */
export function buildImages(folder: string, corednsFolder: string, authority: string): Image[] {
  const { version, archive } = projectArchive();
  const client = join(folder, 'client');
  // Static, because its image contains nothing else.
  execute('env', ['CGO_ENABLED=0', 'go', 'build', '-trimpath', '-ldflags=-s -w', '-o', client, '.'], {
    cwd: join(__dirname, 'client'),
  });
  return [
    { name: projectImage(version), archive },
    programImage(folder, 'localhost/client:1', client),
    programImage(folder, 'localhost/coredns:1', join(corednsFolder, 'coredns')),
    shopImage(folder, client, authority),
  ];
}

/** The output of `npm run image`. */
function projectArchive(): { readonly version: string; readonly archive: string } {
  const { version } = require(join(ROOT, 'package.json')) as { version: string };
  const archive = join(ROOT, 'dist', `egress-router-${version}.oci.tar`);
  if (!existsSync(archive)) throw new Error(`${archive} is missing: npm run image`);
  return { version, archive };
}

/** The project's image of another release. @param folder of its archive @param executable that one's */
export function releaseImage(folder: string, version: string, executable: string): Image {
  // The other files of the image, from `npm run image`.
  const gathered = join(ROOT, 'dist', 'image');
  if (!existsSync(gathered)) throw new Error(`${gathered} is missing: rm ${projectArchive().archive} && npm run image`);
  const fill = (context: string) => {
    cpSync(gathered, context, { recursive: true });
    for (const architecture of readdirSync(gathered)) cpSync(executable, join(context, architecture, 'egress-router'));
  };
  return imageOf(folder, { name: projectImage(version), containerfile: join(ROOT, 'Containerfile'), fill });
}

/** An image that holds one static program. */
function programImage(folder: string, name: string, program: string): Image {
  const containerfile = join(folder, 'Containerfile');
  writeFileSync(containerfile, 'FROM scratch\nCOPY program /program\nENTRYPOINT ["/program"]\n');
  return imageOf(folder, { name, containerfile, fill: (context) => cpSync(program, join(context, 'program')) });
}

/** Where clients of every kind look for certificates, by themselves or by SSL_CERT_FILE. */
export const TRUSTED = '/etc/ssl/certs/ca-certificates.crt';

/**
 * The image of the documents' client: the scenarios' program beside this machine's curl, for a user without privileges.
 */
function shopImage(folder: string, program: string, authority: string): Image {
  const containerfile = join(folder, 'Containerfile');
  const lines = ['FROM scratch', 'COPY root /', `ENV PATH=/usr/bin SSL_CERT_FILE=${TRUSTED}`, 'USER 65532:65532'];
  writeFileSync(containerfile, [...lines, 'ENTRYPOINT ["/program"]', ''].join('\n'));
  const fill = (context: string) => {
    const copy = (from: string, to: string) => {
      mkdirSync(join(context, 'root', dirname(to)), { recursive: true });
      cpSync(from, join(context, 'root', to), { dereference: true });
    };
    copy(program, '/program');
    copy(authority, TRUSTED);
    for (const file of ['/usr/bin/curl', ...librariesOf('/usr/bin/curl')]) copy(file, file);
    writeFileSync(join(context, 'root', 'etc', 'nsswitch.conf'), 'hosts: files dns\n');
  };
  return imageOf(folder, { name: 'registry.example.com/shop:1', containerfile, fill });
}

/** What a dynamic program loads, the loader included. */
function librariesOf(program: string): string[] {
  return [...execute('ldd', [program]).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
}

interface Content {
  readonly name: string;
  readonly containerfile: string;
  /** Writes the files that the Containerfile copies into a folder. */
  readonly fill: (context: string) => void;
}

function imageOf(folder: string, { name, containerfile, fill }: Content): Image {
  const archive = join(folder, `${name.replaceAll(/[/:]/g, '-')}.tar`);
  const context = join(folder, 'context');
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'runroot'), '--storage-driver', 'vfs'];
  const buildah = (...words: string[]) => execute('buildah', [...store, ...words]);
  mkdirSync(context, { recursive: true });
  try {
    fill(context);
    buildah('build', '--isolation=chroot', '--quiet', '--tag', name, '--file', containerfile, context);
    buildah('push', '--quiet', name, `docker-archive:${archive}:${name}`);
  } finally {
    for (const temporary of [context, join(folder, 'store'), join(folder, 'runroot')])
      rmSync(temporary, { recursive: true, force: true });
  }
  return { name, archive };
}
