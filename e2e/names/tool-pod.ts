import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../test/support/synth';
import type { Environment } from '../environment';

/** Where pods see the folder of the test's own programs, and this machine's Node.js. */
export const PROGRAMS = '/programs';
export const NODE = '/node';

interface PodSpec {
  volumes?: object[];
  readonly containers: readonly { readonly image?: string; readonly volumeMounts?: object[] }[];
}

/**
 * Pods with the real clients of this machine: its programs and libraries, mounted into the image of the documents'
 * client, which has its own /etc.
 */
export class ToolPods {
  /** The test's own programs, on this machine. */
  public readonly folder: string;

  public constructor(private readonly environment: Environment) {
    this.folder = join(environment.cluster.folder, 'programs');
    mkdirSync(this.folder, { recursive: true });
    // Pods read it as a user without privileges.
    chmodSync(this.folder, 0o755);
  }

  /** A manifest in which the pods of a Deployment have the clients; another one as it is. */
  public addTo(manifest: Manifest, deployment: string): Manifest {
    if (manifest.kind !== 'Deployment' || manifest.metadata.name !== deployment) return manifest;
    const { template } = manifest.spec;
    const spec = this.withTools(template.spec as PodSpec);
    return { ...manifest, spec: { ...manifest.spec, template: { ...template, spec } } };
  }

  /** A pod of its own, which no router admits. @param more of its spec */
  public async start(namespace: string, name: string, more: object = {}): Promise<void> {
    const spec = { containers: [{ name: 'client', image: 'registry.example.com/shop:1' }] };
    const metadata = { name, namespace, labels: { role: 'client' } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { ...this.withTools(spec), ...more, terminationGracePeriodSeconds: 0 },
    };
    this.environment.kubectl.apply(JSON.stringify(pod));
    const words = ['wait', '--namespace', namespace, `pod/${name}`, '--for=condition=Ready', '--timeout=120s'];
    this.environment.kubectl.run(words);
  }

  private withTools(spec: PodSpec): PodSpec {
    const mounts = this.mounts();
    const volumes = mounts.map(({ hostPath }, index) => ({ name: `tools-${index}`, hostPath: { path: hostPath } }));
    const volumeMounts = mounts.map(({ mountPath }, index) => ({ name: `tools-${index}`, mountPath, readOnly: true }));
    const containers = spec.containers.map((container) => ({
      ...container,
      // Nodes are given the image by file.
      imagePullPolicy: 'IfNotPresent',
      volumeMounts: [...(container.volumeMounts ?? []), ...volumeMounts],
    }));
    return { ...spec, containers, volumes: [...(spec.volumes ?? []), ...volumes] };
  }

  private mounts(): { readonly hostPath: string; readonly mountPath: string }[] {
    const same = (path: string) => ({ hostPath: path, mountPath: path });
    const top = readdirSync('/').filter((name) => /^(usr|lib\w*|bin)$/.test(name));
    // Java's settings, which its folder below /usr has links to.
    const java = readdirSync('/etc').filter((name) => /^java-\d+-openjdk$/.test(name));
    return [
      ...top.map((name) => same(`/${name}`)),
      ...java.map((name) => same(`/etc/${name}`)),
      { hostPath: this.folder, mountPath: PROGRAMS },
      { hostPath: process.execPath, mountPath: NODE },
    ];
  }
}
