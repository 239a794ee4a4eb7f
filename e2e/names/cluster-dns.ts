import { COREFILE } from '../cluster/services';
import type { Environment } from '../environment';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: 'kube-system' } };

/** The cluster's DNS, configured in other ways for a while. */
export class ClusterDns implements AsyncDisposable {
  public constructor(private readonly environment: Environment) {}

  /** Runs with another Corefile, and further files beside it. */
  public async use(corefile: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
    const { kubectl } = this.environment;
    kubectl.apply(JSON.stringify({ ...CONFIG_MAP, data: { ...files, Corefile: corefile } }));
    await this.restart();
  }

  /** Reads all its files again, which CoreDNS does by itself in a minute or two. */
  public async restart(): Promise<void> {
    const { kubectl } = this.environment;
    const deployment = ['deployment/coredns', '--namespace=kube-system'];
    kubectl.run(['rollout', 'restart', ...deployment]);
    kubectl.run(['rollout', 'status', ...deployment, '--timeout=120s']);
    await this.environment.until('the previous pods are gone', () => {
      const pods = this.environment.podsWith('kube-system', 'k8s-app=coredns');
      return pods.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    });
  }

  /** As every other scenario expects it. */
  public async [Symbol.asyncDispose](): Promise<void> {
    this.environment.kubectl.run([
      'delete',
      'configmap',
      'coredns-custom',
      '--namespace=kube-system',
      '--ignore-not-found',
    ]);
    await this.use(COREFILE);
  }
}
