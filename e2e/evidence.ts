import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cluster } from './cluster/cluster';

const FOLDER = resolve(__dirname, '..', 'dist', 'e2e');

/** The evidence of a failed scenario: the LAN's frames, Kubernetes' events, and the daemons' logs. */
export class Evidence {
  private readonly folder: string;

  private constructor(
    private readonly cluster: Cluster,
    scenario: string,
    private stopCapture: () => void,
  ) {
    this.folder = folderOf(scenario);
  }

  public static begin(cluster: Cluster, scenario: string): Evidence {
    const folder = folderOf(scenario);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'lan.pcap');
    const words = ['tcpdump', '-i', 'br0', '-U', '-Z', 'root', '-w', file];
    const child = cluster.outside.lan.start(words, { stdio: 'ignore' });
    return new Evidence(cluster, scenario, () => child.kill('SIGINT'));
  }

  public discard(): void {
    this.stopCapture();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @returns the folder */
  public keep(): string {
    this.stopCapture();
    const { kubectl, workers, folder } = this.cluster;
    const questions = {
      'pods.txt': ['get', 'pods', '--all-namespaces', '--output=wide'],
      'describe.txt': ['describe', 'pods,nodes', '--all-namespaces'],
      'events.txt': ['get', 'events', '--all-namespaces', '--sort-by=.lastTimestamp'],
      'objects.yaml': [
        'get',
        'net-attach-def,deployments,services,endpointslices',
        '--all-namespaces',
        '--output=yaml',
      ],
    };
    for (const [file, words] of Object.entries(questions)) {
      const { stdout, stderr } = kubectl.try([...words, '--request-timeout=20s']);
      writeFileSync(join(this.folder, file), stdout + stderr);
    }
    this.keepLogs();
    for (const { name, logs } of workers) cpSync(logs, join(this.folder, name), { recursive: true });
    cpSync(join(folder, 'control'), join(this.folder, 'control'), { recursive: true });
    return this.folder;
  }

  /** Of every router. */
  private keepLogs(): void {
    const { kubectl } = this.cluster;
    const columns = '--output=jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}';
    const selector = '--selector=app.kubernetes.io/name=egress-router';
    const { stdout } = kubectl.try(['get', 'pods', '--all-namespaces', selector, columns, '--request-timeout=20s']);
    for (const [namespace, name] of stdout.split('\n').map((line) => line.split(' '))) {
      if (name === undefined) continue;
      const log = kubectl.try(['logs', '--namespace', namespace!, name, '--request-timeout=20s']);
      writeFileSync(join(this.folder, `${name}.log`), log.stdout + log.stderr);
    }
  }
}

function folderOf(scenario: string): string {
  return join(FOLDER, scenario.replaceAll(/[^a-z0-9]+/gi, '-'));
}
