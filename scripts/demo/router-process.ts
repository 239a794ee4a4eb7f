import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ProcessPlace } from '../../test/kernel/lab/process-place';
import { PLUGIN } from '../../test/kernel/support/requires';
import { ConfigMap } from '../../test/support/config-map';
import type { RouterManifests } from './manifests';

const HEALTH_PORT = 9180;

/** An HTTP probe from the node, like kubelet's. */
const GET = `fetch(process.argv[1], { signal: AbortSignal.timeout(2000) }).then(
  async (answer) => process.stdout.write(await answer.text()),
  (error) => process.stdout.write(String(error.cause?.code ?? error)),
)`;

/** A pod, and the node from which its health port is asked. */
interface PodPlace {
  readonly ipv4: string;
  readonly namespace: ProcessPlace;
  readonly node: { readonly namespace: { run(...words: string[]): string } };
}

/** The main process of a router's pod: the manifest's arguments and capabilities, in the pod's network namespace. */
export class RouterProcess implements Disposable {
  private readonly map: ConfigMap;
  private readonly child: ChildProcess;

  public constructor(
    private readonly pod: PodPlace,
    { container, liveConfig }: Pick<RouterManifests, 'container' | 'liveConfig'>,
  ) {
    this.map = new ConfigMap(liveConfig);
    const [mount] = container.volumeMounts;
    const args = container.args.map((arg) => arg.replace(mount!.mountPath, this.map.folder));
    const capabilities = ['-all', ...(container.securityContext.capabilities.add ?? []).map((name) => `+${name}`)];
    const words = [
      'setpriv',
      '--no-new-privs',
      '--inh-caps=-all',
      `--bounding-set=${capabilities.join().toLowerCase()}`,
    ];
    this.child = pod.namespace.start([...words, PLUGIN, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Replaces the ConfigMap in the pod, as kubelet does. */
  public swap(liveConfig: string): void {
    this.map.swap(liveConfig);
  }

  /** An answer of the health port. */
  public get(path: string): string {
    const url = `http://${this.pod.ipv4}:${HEALTH_PORT}${path}`;
    return this.pod.node.namespace.run(process.execPath, '-e', GET, url);
  }

  /** Asks until the answer is as wanted. */
  public async until(
    path: string,
    isWanted: (answer: string) => boolean,
  ): Promise<{ answer: string; milliseconds: number }> {
    const begin = performance.now();
    for (;;) {
      const answer = this.get(path);
      const milliseconds = Math.round(performance.now() - begin);
      if (isWanted(answer)) return { answer, milliseconds };
      if (milliseconds > 10_000) throw new Error(`${path} of the router still says ${answer}`);
    }
  }

  /** Stops the process as kubelet does. @returns milliseconds */
  public async stop(): Promise<number> {
    const begin = performance.now();
    // Ctrl+C reaches it too.
    if (this.child.exitCode !== null) return 0;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
    return Math.round(performance.now() - begin);
  }

  public [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    this.map[Symbol.dispose]();
  }
}
