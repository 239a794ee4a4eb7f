import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../support/synth';
import type { Namespace } from '../lab/namespace';

/**
 * What kube-proxy does with Services where a client runs: each cluster IP and port leads to the port of a pod.
 *
 * @param pod the address of the pod that all of them select
 */
export function leadServices(client: Namespace, services: readonly Manifest[], pod: string): void {
  const elements = services.flatMap(({ spec }) =>
    spec.ports.map((port: Manifest) => `${spec.clusterIP} . ${port.port} : ${pod} . ${port.targetPort}`),
  );
  const table = `table ip services {
    map ports { type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { ${elements.join(', ')} }; }
    chain output { type nat hook output priority -100; dnat ip to ip daddr . tcp dport map @ports; }
  }`;
  const { status, stderr } = client.try(['nft', '-f', '-'], table);
  if (status !== 0) throw new Error(`Services of ${client.name}: ${stderr}`);
}

/** The /etc/hosts of a namespace, as kubelet writes that of a pod; `ip netns exec` mounts it. */
export class HostsFile implements Disposable {
  private readonly folder: string;

  public constructor(namespace: Namespace, aliases: readonly { readonly ip: string; readonly hostnames: string[] }[]) {
    this.folder = join('/etc/netns', namespace.name);
    mkdirSync(this.folder, { recursive: true });
    const lines = aliases.map(({ ip, hostnames }) => `${ip}\t${hostnames.join('\t')}\n`);
    writeFileSync(join(this.folder, 'hosts'), `127.0.0.1\tlocalhost\n${lines.join('')}`);
    writeFileSync(join(this.folder, 'nsswitch.conf'), 'hosts: files\n');
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
