import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  freePort,
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../../support/supervised-programs';
import { OpenStackAdmin } from './admin';
import { fetchOnce } from './fetch-once';
import { debian, debianNeutron, prepareNeutron } from './neutron-release';

/**
 * Where a real Keystone and a real Neutron answer, and who may do anything there. Plain data: it travels to other
 * processes.
 */
export interface OpenStackAddress {
  /** Keystone, with `/v3`. */
  readonly authUrl: string;
  /** Neutron, without a version. */
  readonly networkUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
}

export interface OpenStack {
  readonly address: OpenStackAddress;
  /** Ends the servers and removes their data. */
  stop(): Promise<void>;
}

/** Says exactly what this machine lacks for a real OpenStack and how to get it. */
export function missingOpenStack(): string | undefined {
  try {
    unpackedFolder();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The command `openstack` of Debian's package, as a program and its first arguments. */
export function openStackCommand(): [program: string, ...args: string[]] {
  return debian(unpackedFolder(), 'openstack');
}

/** Some 15 seconds of processor time, which a busy machine gives in minutes. */
const readyWithin = 480_000;

/**
 * Starts Keystone and Neutron on the loopback address, with the ML2 plugin and no agents: there is the API and nothing
 * behind it, no port is ever plugged in. Keystone's catalog knows Neutron in the region `RegionOne`.
 */
export async function startOpenStack(): Promise<OpenStack> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce();
    } catch (error) {
      // Another process took the port between our check and the server's start.
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startOnce(): Promise<OpenStack> {
  const unpacked = unpackedFolder();
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-openstack-'));
  cpSync(join(unpacked, 'databases'), folder, { recursive: true });
  const password = readFileSync(join(folder, 'admin-password'), 'utf8');
  const [keystonePort, neutronPort] = [await freePort(), await freePort()];
  const address: OpenStackAddress = {
    authUrl: `http://127.0.0.1:${keystonePort}/v3`,
    networkUrl: `http://127.0.0.1:${neutronPort}`,
    username: 'admin',
    password,
    projectName: 'admin',
  };
  const neutron = prepareNeutron(debianNeutron(unpacked), folder, neutronPort, { sections: byKeystone(address) });

  // Python buffers what goes into a file, and a killed program's log would end before the reason.
  const env = { ...process.env, OS_KEYSTONE_CONFIG_FILES: join(__dirname, 'keystone.conf'), PYTHONUNBUFFERED: '1' };
  const place = ['--host', '127.0.0.1', '--port', String(keystonePort)];
  const keystone: NamedCommand = ['keystone', ...debian(unpacked, 'keystone-wsgi-public'), ...place];
  const supervised = startSupervised(folder, [keystone, ...neutron], env);
  try {
    await untilAnswering(supervised, [address.authUrl, address.networkUrl]);
    const admin = await OpenStackAdmin.login(address);
    // Neutron looks Keystone up in the catalog when it checks a token.
    await admin.addToCatalog('identity', 'RegionOne', address.authUrl);
    await admin.addToCatalog('network', 'RegionOne', address.networkUrl);
    return { address, stop: supervised.stop };
  } catch (error) {
    const logs = ['keystone', 'neutron'].map((name) => logTail(folder, name)).join('\n');
    await supervised.stop();
    throw new Error(`OpenStack did not start: ${(error as Error).message}\n${logs}`);
  }
}

/** How Neutron asks Keystone about tokens. */
function byKeystone({ authUrl, username, password, projectName }: OpenStackAddress): string {
  return `[keystone_authtoken]
www_authenticate_uri = ${authUrl}
auth_url = ${authUrl}
auth_type = password
username = ${username}
password = ${password}
project_name = ${projectName}
user_domain_id = default
project_domain_id = default
interface = public
`;
}

async function untilAnswering(supervised: SupervisedPrograms, urls: readonly string[]): Promise<void> {
  for (const start = Date.now(); Date.now() - start < readyWithin; await sleep(100)) {
    const early = supervised.endedEarly();
    if (early) throw new Error(early);
    const answers = await Promise.all(urls.map(answers200));
    if (answers.every(Boolean)) return;
  }
  throw new Error(`not ready after ${readyWithin / 1000} seconds`);
}

async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetchOnce(url, { signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

let unpackedAt: string | undefined;

/** Asks packages.mjs, which alone knows what the folder's name is made of. */
export function unpackedFolder(): string {
  if (unpackedAt) return unpackedAt;
  const script = join(__dirname, 'packages.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--path'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim() || `${script} --path ended with status ${status}.`);
  unpackedAt = stdout.trim();
  return unpackedAt;
}
