import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Debian's package of each command; both are in every Debian and Ubuntu, the smallest container images included. */
const COMMANDS = { nsenter: 'util-linux', setpriv: 'util-linux', unshare: 'util-linux', umount: 'mount' };

/** What this machine lacks to run a router in network namespaces, each as a phrase. */
export function missingRequirements() {
  if (process.platform !== 'linux') return [`Linux (this is ${process.platform})`];
  if (process.getuid() !== 0) return [`root (this is user ${process.getuid()})`];
  const missing = Object.entries(COMMANDS)
    .filter(([command]) => spawnSync(command, ['--version']).error !== undefined)
    .map(([command, name]) => `${command} (Debian's package ${name})`);
  return missing.length > 0 ? missing : missingRights();
}

/** A namespace's name is a mount, which may be forbidden in a container even for root. */
function missingRights() {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-'));
  const path = join(folder, 'net');
  writeFileSync(path, '');
  const { status, stderr } = spawnSync('unshare', [`--net=${path}`, 'true'], { encoding: 'utf8' });
  spawnSync('umount', ['--lazy', path]);
  rmSync(folder, { recursive: true });
  return status === 0 ? [] : [`the right to make and to mount network namespaces (${stderr.trim()})`];
}
