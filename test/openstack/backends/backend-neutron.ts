import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, logTail, startSupervised } from '../../support/supervised-programs';
import { fetchOnce } from '../server/fetch-once';
import { type NeutronRelease, prepareNeutron } from '../server/neutron-release';
import type { Backend } from './backend';
import { HOSTS } from './hypervisors';

/** A Neutron in front of a backend, without Keystone. */
export interface BackendNeutron {
  readonly url: string;
  /** Sends a request as the administrator, again if it may be repeated. @returns status and body */
  ask<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }>;
  /**
   * Answers without what tells the backend of a port, as to users who are no administrators. Not before Neutron 29,
   * whose policy holds for administrators too.
   *
   * @returns what shows it again
   */
  hideBindings(): () => void;
  /** The last lines of its log. */
  log(): string;
  stop(): Promise<void>;
}

// Some ten seconds of processor time, which a busy machine gives in minutes.
const READY_WITHIN = 480_000;

/** Starts a Neutron on a backend, and waits until it knows the hypervisors. */
export async function startBackendNeutron(backend: Backend, release: NeutronRelease): Promise<BackendNeutron> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-neutron-'));
  const commands = prepareNeutron(release, folder, port, backend.settings);
  // It runs `ovsdb-client`; workers of newer releases leave files among the temporary ones.
  const env = { ...backend.hypervisors.environment, TMPDIR: folder, ASGI_WORKERS: '1' };
  const programs = startSupervised(folder, commands, env);
  const url = `http://127.0.0.1:${port}`;
  let attached = false;
  for (const start = Date.now(); ; await sleep(200)) {
    const agents = await ask<{ agents?: { host: string }[] }>(url, 'GET', '/agents').catch(() => undefined);
    const hosts = agents?.body?.agents?.map(({ host }) => host);
    if (hosts !== undefined && !attached) {
      backend.attach?.();
      attached = true;
    }
    if (HOSTS.every((host) => hosts?.includes(host))) break;
    const late = `after ${READY_WITHIN / 1000} s GET /agents answers ${JSON.stringify(agents)}`;
    const early = programs.endedEarly() ?? backend.endedEarly?.();
    const problem = early ?? (Date.now() - start > READY_WITHIN ? late : undefined);
    if (problem === undefined) continue;
    const logs = commands.map(([name]) => logTail(folder, name)).join('\n');
    await programs.stop();
    throw new Error(`Neutron did not start: ${problem}\n${logs}\n${backend.log?.() ?? ''}`);
  }
  // The cause of an error is at the head of its trace of calls.
  const log = () => logTail(folder, 'neutron', 400);
  return {
    url,
    ask: (method, path, body) => askAgain(log, url, method, path, body),
    hideBindings: () => {
      const file = join(folder, 'policies', 'bindings.yaml');
      writeFileSync(file, '"get_port:binding:vif_details": "!"\n');
      return () => rmSync(file);
    },
    log,
    stop: programs.stop,
  };
}

/**
 * SQLite is locked at times, which Neutron answers with 500. So is a port that its backend could not make, on a busy
 * machine; ML2 has removed it then, so that the request can be repeated.
 */
async function askAgain<T>(
  log: () => string,
  ...request: [url: string, method: string, path: string, body?: object]
): Promise<{ status: number; body: T }> {
  const [, method, path] = request;
  for (let left = method === 'POST' && path !== '/ports' ? 0 : 5; ; left--) {
    const answer = await ask<T>(...request);
    if (answer.status !== 500 || left === 0) return answer;
    console.warn(`${method} ${path}: asking again, because Neutron answered ${JSON.stringify(answer)}\n${log()}`);
    await sleep(500);
  }
}

async function ask<T>(url: string, method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const response = await fetchOnce(`${url}/v2.0${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}
