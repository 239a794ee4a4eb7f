import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedCommand } from '../../support/supervised-programs';

/** A release of Neutron on this machine. */
export interface NeutronRelease {
  /** Its description of the API's layers, `api-paste.ini`. */
  readonly paste: string;
  /** An SQLite file with its empty tables. */
  readonly tables: string;
  /** What serves the API on a port of the loopback address: `neutron`, and what belongs to it. */
  commands(port: number, options: readonly string[]): readonly NamedCommand[];
}

/** Debian's Neutron. @param unpacked folder of the unpacked packages */
export function debianNeutron(unpacked: string): NeutronRelease {
  const paste = '/usr/share/neutron-common/api-paste.ini';
  const inUnpacked = join(unpacked, 'root', paste);
  return {
    paste: existsSync(inUnpacked) ? inUnpacked : paste,
    tables: join(unpacked, 'databases', 'neutron.sqlite'),
    commands: (_port, options) => [['neutron', ...debian(unpacked, join(__dirname, 'neutron_server.py')), ...options]],
  };
}

/** `program` of the unpacked packages, as what to run and its first arguments. */
export function debian(unpacked: string, program: string): [program: string, ...args: string[]] {
  return [join(__dirname, 'debian.sh'), unpacked, program];
}

/** What a Neutron does otherwise than neutron.conf says. */
export interface NeutronSettings {
  /** Configuration files that are read after neutron.conf. */
  readonly files?: readonly string[];
  /** Sections of the last file, which only its owner reads: its password may be in them. */
  readonly sections: string;
}

/**
 * Makes what a Neutron needs in its working directory: tables, folders, and the part of its configuration that differs
 * from start to start.
 *
 * @returns what runs there
 */
export function prepareNeutron(
  release: NeutronRelease,
  folder: string,
  port: number,
  { files = [], sections }: NeutronSettings,
): readonly NamedCommand[] {
  for (const name of ['locks', 'policies']) mkdirSync(join(folder, name));
  copyFileSync(release.tables, join(folder, 'neutron.sqlite'));
  const here = `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${port}
api_paste_config = ${release.paste}
[oslo_policy]
# A folder that exists and is empty: otherwise Neutron takes its other files for policies.
policy_dirs = ${join(folder, 'policies')}
${sections}`;
  writeFileSync(join(folder, 'neutron-here.conf'), here, { mode: 0o600 });
  const read = [join(__dirname, 'neutron.conf'), ...files, 'neutron-here.conf'];
  return release.commands(
    port,
    read.flatMap((file) => ['--config-file', file]),
  );
}
