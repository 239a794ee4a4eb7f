import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Yaml } from 'cdk8s';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { serveConfig } from '../../../src/domain/router/serve-config';
import type { PluginConfig } from '../lab/plugin';
import type { Pod } from '../lab/pod';
import { type BindMount, Container, type DeclaredContainer } from './container';
import { PLUGIN } from './requires';

const ROOT = resolve(__dirname, '../../..');

/** The user of the image. */
const IMAGE_USER = 65532;

interface Deployment {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly DeclaredContainer[] } } };
}

/** The container of the standalone example's manifest, as a kubelet would hand it to a runtime. */
function declaredContainer(): DeclaredContainer {
  const manifests = Yaml.load(join(ROOT, 'test/fixtures/standalone.k8s.yaml')) as Deployment[];
  return manifests.find(({ kind }) => kind === 'Deployment')!.spec.template.spec.containers[0]!;
}

/** What the image holds, to start containers from: the executable that the tests run, and its libraries. */
export class RouterImage implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-serve-'));
  private bundles = 0;

  public constructor() {
    const licenses = join(this.folder, 'licenses');
    mkdirSync(licenses);
    mkdirSync(this.rootfs);
    copyFileSync(PLUGIN, join(this.rootfs, 'egress-router'));
    const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const program = `import { gatherLibraries } from ${JSON.stringify(join(ROOT, 'scripts/image-libraries.mjs'))};
      gatherLibraries(...process.argv.slice(1));`;
    const words = ['--input-type=module', '-e', program, architecture, this.rootfs, licenses];
    execFileSync(process.execPath, words, { stdio: 'pipe' });
  }

  private get rootfs(): string {
    return join(this.folder, 'rootfs');
  }

  /** `serve` in a pod, with the manifest's security context and what it tells the process of a router. */
  public serve(pod: Pod, config: PluginConfig, ...flags: string[]): Container {
    const argument = JSON.stringify(serveConfig(decodeNetworkConfig(config)));
    return this.run(pod, 'serve', '--router=prod/db', `--config=${argument}`, ...flags);
  }

  /** The executable in a pod, with the manifest's security context. */
  public run(pod: Pod, ...args: string[]): Container {
    return this.start(pod, { ...declaredContainer(), args });
  }

  /** A container as its manifest declares it. */
  public start(pod: Pod, declared: DeclaredContainer, mounts: readonly BindMount[] = []): Container {
    const bundle = join(this.folder, `bundle${this.bundles++}`);
    mkdirSync(bundle);
    // runc takes no symbolic link for a root; links of the files cost nothing.
    execFileSync('cp', ['--archive', '--link', this.rootfs, join(bundle, 'rootfs')]);
    const networkNamespace = pod.namespace.path;
    return new Container(declared, { bundle, networkNamespace, user: IMAGE_USER, mounts });
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What the kernel says about a process. @see proc_pid_status(5) */
export function processStatus(pid: number): ReadonlyMap<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}
