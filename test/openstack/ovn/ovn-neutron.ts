import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, logTail, type NamedCommand, startSupervised } from '../../support/supervised-programs';
import { type Fabric, ovnEnvironment } from './fabric';

/** A Neutron in front of OVN, without Keystone. */
export interface OvnNeutron {
  readonly url: string;
  /** Sends a request as the administrator. @returns status and body */
  ask<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }>;
  stop(): Promise<void>;
}

const READY_WITHIN = 180_000;

/** Starts Debian's Neutron on a fabric. @param unpacked folder of the unpacked packages */
export async function startOvnNeutron(fabric: Fabric, unpacked: string): Promise<OvnNeutron> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-ovn-neutron-'));
  for (const name of ['locks', 'policies']) mkdirSync(join(folder, name));
  cpSync(join(unpacked, 'databases', 'neutron.sqlite'), join(folder, 'neutron.sqlite'));
  writeFileSync(join(folder, 'here.conf'), here(fabric, unpacked, folder, port));
  const server = join(__dirname, '..', 'server');
  const files = [join(server, 'neutron.conf'), join(__dirname, 'neutron-ovn.conf'), 'here.conf'];
  const options = files.flatMap((file) => ['--config-file', file]);
  const command: NamedCommand = ['neutron', join(server, 'debian.sh'), unpacked, 'neutron-server', ...options];
  const programs = startSupervised(folder, [command], ovnEnvironment(join(unpacked, 'root')));
  const url = `http://127.0.0.1:${port}`;
  for (const start = Date.now(); ; await sleep(200)) {
    const agents = await ask<{ agents?: { host: string }[] }>(url, 'GET', '/agents').catch(() => undefined);
    const hosts = agents?.body.agents?.map(({ host }) => host) ?? [];
    if (hosts.includes('hv1') && hosts.includes('hv2')) break;
    const early =
      programs.endedEarly() ??
      (Date.now() - start > READY_WITHIN ? `it knows the hosts ${JSON.stringify(agents)} only` : undefined);
    if (early === undefined) continue;
    const log = logTail(folder, 'neutron');
    await programs.stop();
    throw new Error(`Neutron with ML2/OVN did not start: ${early}\n${log}`);
  }
  return { url, ask: (method, path, body) => ask(url, method, path, body), stop: programs.stop };
}

function here(fabric: Fabric, unpacked: string, folder: string, port: number): string {
  const paste = '/usr/share/neutron-common/api-paste.ini';
  const inUnpacked = join(unpacked, 'root', paste);
  return `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${port}
api_paste_config = ${existsSync(inUnpacked) ? inUnpacked : paste}
[oslo_policy]
policy_dirs = ${join(folder, 'policies')}
[ovn]
ovn_nb_connection = unix:${fabric.folder}/nb.sock
ovn_sb_connection = unix:${fabric.folder}/sb.sock
`;
}

async function ask<T>(url: string, method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}/v2.0${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}
