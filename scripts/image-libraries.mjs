import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Libraries in the executable's dynamic section, and those that bun:ffi opens. The tests start the image to find
 * missing ones.
 */
const LIBRARIES = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2'];

/**
 * Where an executable of the architecture looks for its loader and its libraries, and where Debian keeps them: as the
 * system's own (libc6), or for another architecture (libc6-ARCH-cross).
 */
const PLACES = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2', crossPackage: 'libc6-amd64-cross' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1', crossPackage: 'libc6-arm64-cross' },
};

/** Puts the C library of an architecture below `root`, and its licence below `licenses`. */
export function gatherLibraries(architecture, root, licenses) {
  const { triplet, loader, crossPackage } = PLACES[architecture];
  const isOwn = existsSync(`/lib/${triplet}/libc.so.6`);
  const from = isOwn ? `/lib/${triplet}` : `/usr/${triplet}/lib`;
  const debianPackage = isOwn ? 'libc6' : crossPackage;
  if (!existsSync(join(from, 'libc.so.6'))) {
    throw new Error(`the C library of ${architecture} is missing: apt-get install ${crossPackage}`);
  }
  place(join(from, loader.split('/').at(-1)), join(root, loader));
  for (const library of LIBRARIES) place(join(from, library), join(root, 'lib', triplet, library));
  writeFileSync(join(licenses, 'glibc'), glibcNotice(debianPackage));
}

function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  // Packages set different permissions; the image must not depend on them.
  chmodSync(to, 0o755);
}

/** What the LGPL requires for distributing the library: the notice, the licence, and the location of its source. */
function glibcNotice(debianPackage) {
  const version = execFileSync('dpkg-query', ['-W', '-f', '$' + '{source:Version}', debianPackage], {
    encoding: 'utf8',
  });
  return [
    `The GNU C Library in this image is Debian's, unchanged: package ${debianPackage}, source version ${version}.`,
    `Its source is at https://snapshot.debian.org/package/glibc/ and in Debian's archive: apt-get source glibc.`,
    'The executable is linked to it dynamically: another build of the library can take its place.',
    '',
    readFileSync(`/usr/share/doc/${debianPackage}/copyright`, 'utf8'),
    '',
    readFileSync('/usr/share/common-licenses/LGPL-2.1', 'utf8'),
  ].join('\n');
}
