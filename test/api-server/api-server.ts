import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  freePort,
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../support/supervised-programs';
import { ensureCrds } from './crds';
import { bindKubectl, type Kubectl } from './kubectl';
import { findPrograms, type Programs } from './programs';

export type { KubectlResult } from './kubectl';
export { missingRequirement } from './programs';

/** A Kubernetes API that serves the built-in resources, EgressRouters and NetworkAttachmentDefinitions. */
export interface ApiServer extends Kubectl {
  /** Path of its kubeconfig, whose user may do anything. */
  readonly kubeconfig: string;
  /** Ends the server and removes its data. A cluster that was given stays as it is. */
  stop(): Promise<void>;
}

/** What a test can ask of its API server. */
export interface ApiServerOptions {
  /**
   * Where Services get their addresses from, primary family first.
   * With this, a separate server is started even if KUBECONFIG is set.
   *
   * @default '10.96.0.0/16,fd00:10:96::/112'
   */
  readonly serviceClusterIpRange?: string;
}

/** On two loaded cores a start takes some 3 seconds. */
const readyWithin = 60_000;

/**
 * Starts etcd and kube-apiserver, or takes the cluster of the variable KUBECONFIG.
 *
 * There is the API and nothing behind it: no controller (a Deployment makes no Pods, a deleted Namespace
 * stays), no service accounts, no node.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const programs = findPrograms(isOwnServer(options));
  if (!isOwnServer(options)) return givenCluster(programs, process.env.KUBECONFIG!);
  for (let attempt = 1; ; attempt++) {
    try {
      return await ownCluster(programs, options);
    } catch (error) {
      // Another process took the port between our check and the server's start.
      if (attempt === 3 || !String(error).includes('address already in use')) throw error;
    }
  }
}

/** Whether these options lead to a server of our own rather than to the cluster of the variable KUBECONFIG. */
export function isOwnServer(options: ApiServerOptions): boolean {
  return !process.env.KUBECONFIG || options.serviceClusterIpRange !== undefined;
}

async function givenCluster(programs: Programs, kubeconfig: string): Promise<ApiServer> {
  const cache = mkdtempSync(join(tmpdir(), 'egress-router-kubectl-'));
  const bound = bindKubectl(programs.kubectl, kubeconfig, cache);
  const stop = async () => rmSync(cache, { recursive: true, force: true });
  try {
    await ensureCrds(bound);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...bound, kubeconfig, stop };
}

async function ownCluster(programs: Programs, options: ApiServerOptions): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-api-'));
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  writeSecrets(folder, token);

  const supervised = startSupervised(folder, commands(programs, folder, port, options));
  const { stop } = supervised;
  try {
    const ca = await untilReady(supervised, folder, port, token);
    const kubeconfig = writeKubeconfig(folder, port, token, ca);
    const bound = bindKubectl(programs.kubectl, kubeconfig, join(folder, 'kubectl'));
    await ensureCrds(bound);
    return { ...bound, kubeconfig, stop };
  } catch (error) {
    const logs = ['etcd', 'kube-apiserver'].map((name) => logTail(folder, name)).join('\n');
    await stop();
    throw new Error(`The API server did not start: ${(error as Error).message}\n${logs}`);
  }
}

function commands(programs: Programs, folder: string, port: number, options: ApiServerOptions): NamedCommand[] {
  // A socket file in the programs' working directory: no port is needed, and no other process can reach the store.
  // etcd wants the form host:port and takes all of it as the file's name.
  const client = 'unix://etcd:1';
  const peer = 'unix://etcd:2';
  const etcd = [
    '--data-dir=etcd',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
  ];
  const apiServer = [
    `--etcd-servers=${client}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // Without a certificate given, the server makes one for this address and leaves it here.
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certificates')}`,
    '--authorization-mode=RBAC',
    // As distributions have it: whether a Pod may be privileged is for Pod Security to say.
    '--allow-privileged=true',
    '--token-auth-file=tokens.csv',
    `--service-cluster-ip-range=${options.serviceClusterIpRange ?? '10.96.0.0/16,fd00:10:96::/112'}`,
    // The server's own endpoint would have to be of the Services' primary family.
    '--endpoint-reconciler-type=none',
    // It would wait for accounts that only a controller makes, and refuse every Pod.
    '--disable-admission-plugins=ServiceAccount',
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-account-signing-key-file=accounts.key',
    '--service-account-key-file=accounts.pub',
  ];
  return [
    ['etcd', programs.etcd, ...etcd],
    ['kube-apiserver', programs.apiServer, ...apiServer],
  ];
}

function writeSecrets(folder: string, token: string): void {
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  write('accounts.key', privateKey);
  write('accounts.pub', publicKey);
  write('tokens.csv', `${token},admin,admin,system:masters\n`);
}

/** A kubeconfig in JSON, which is YAML. */
function writeKubeconfig(folder: string, port: number, token: string, ca: Buffer): string {
  const file = join(folder, 'kubeconfig');
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': ca.toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
}

/** Resolves to the certificate that the server made for itself, once it is ready. */
async function untilReady(
  supervised: SupervisedPrograms,
  folder: string,
  port: number,
  token: string,
): Promise<Buffer> {
  const certificate = join(folder, 'certificates', 'apiserver.crt');
  for (const start = Date.now(); Date.now() - start < readyWithin; await sleep(50)) {
    const early = supervised.endedEarly();
    if (early) throw new Error(early);
    if (!existsSync(certificate)) continue;
    const ca = readFileSync(certificate);
    // /readyz is true before the allocator of Service addresses works; the server's own Service needs it too.
    const paths = ['/readyz', '/api/v1/namespaces/default/services/kubernetes'];
    const answers = await Promise.all(paths.map((path) => statusOf(path, port, token, ca)));
    if (answers.every((status) => status === 200)) return ca;
  }
  throw new Error(`not ready after ${readyWithin / 1000} seconds`);
}

/** HTTP status of an answer, 0 without an answer. */
function statusOf(path: string, port: number, token: string, ca: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, ca, headers, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('timeout', () => resolve(0))
      .on('error', () => resolve(0));
  });
}
