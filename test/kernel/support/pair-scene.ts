import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, type Reply } from '../lab/echo';
import { LAN, PODS } from '../lab/layout';
import type { Namespace } from '../lab/namespace';
import type { Node } from '../lab/node';
import type { PluginConfig } from '../lab/plugin';
import type { Pod } from '../lab/pod';
import { Scene } from '../lab/scene';
import { eventually } from './eventually';
import { PLUGIN } from './requires';

const STORE = join(__dirname, '../lab/programs/object-store.mjs');
const API = '172.31.0.1';
const ACCOUNT = '/run/secrets/kubernetes.io/serviceaccount';
export const STANDBY_MAC = 'e6:65:c0:a8:0c:63';
export const SECOND_POD = { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' };

const THIRD_POD = { ipv4: '10.244.3.5', ipv6: 'fd00:10:244:3::5' };
const THIRD_NODE = { ipv4: '192.168.12.13/24', ipv6: '2001:db8:12::13/64' };

interface Slice {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly endpoints: readonly { readonly addresses: readonly string[] }[];
}

interface Line {
  readonly message: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** A pod of the pair, with the process in it. */
export class PairPod {
  /** When its process has ended. */
  public ended: Promise<unknown> = Promise.resolve();
  private child: ChildProcess | undefined;
  private text = '';

  public constructor(
    public readonly name: string,
    public readonly pod: Pod,
    /** The node's end of its cable on the cluster network. */
    public readonly node: Node,
    private readonly arguments_: readonly string[],
    private readonly account: string,
  ) {}

  public get namespace(): Namespace {
    return this.pod.namespace;
  }

  /** Every line of its log. */
  public get lines(): Line[] {
    return this.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** What it became, in order. */
  public get roles(): string[] {
    return this.lines.flatMap(({ message }) => /^(\w+) of the address$/.exec(message)?.[1] ?? []);
  }

  public start(): void {
    const words = [
      ...[
        'sh',
        '-ec',
        `mount -t tmpfs none /run; mkdir -p ${ACCOUNT}; cp ${this.account}/* ${ACCOUNT}; exec "$@"`,
        'sh',
      ],
      ...['env', `KUBERNETES_SERVICE_HOST=${API}`, 'KUBERNETES_SERVICE_PORT=6443', PLUGIN, 'serve'],
      ...this.arguments_,
    ];
    this.child = this.namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = once(this.child, 'exit');
    this.child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  /** What its health port says of each check. */
  public readyz(): string {
    return this.namespace.try(['curl', '-s', 'http://127.0.0.1:9180/readyz?verbose']).stdout;
  }

  public metrics(): string {
    return this.namespace.try(['curl', '-s', 'http://127.0.0.1:9180/metrics']).stdout;
  }

  /** The MAC address that the LAN may see; nothing while the link is down. */
  public macOnLan(): string | undefined {
    const [link] = this.namespace.ip<{ readonly address: string; readonly flags: string[] }>('link', 'show', 'net1');
    return link!.flags.includes('UP') ? link!.address : undefined;
  }

  public signal(name: NodeJS.Signals): void {
    this.child!.kill(name);
  }

  public async becomes(role: string, count = 1): Promise<void> {
    const times = () => this.roles.filter((each) => each === role).length;
    try {
      await eventually(() => expect(times()).toBeGreaterThanOrEqual(count), 15_000);
    } catch {
      throw new Error(`${this.name} did not become ${role}: ${this.text}${this.readyz()}`);
    }
  }
}

/**
 * Two pods of a router on two nodes, each node with a cable to the LAN and one to the cluster network, on which the
 * objects of the API are.
 */
export class PairScene implements Disposable {
  public readonly scene = new Scene();
  public readonly pods: [PairPod, PairPod];
  public readonly config: PluginConfig;
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-pair-'));
  private readonly store: Namespace;
  private askers = 0;
  private readonly switch_: Namespace;

  public constructor(ip: object, more: PluginConfig = {}) {
    const { scene } = this;
    this.config = scene.config(ip, { standbyMac: STANDBY_MAC, healthPort: 9180, ...more });
    this.writeFiles();
    this.switch_ = scene.lab.namespace('cluster');
    this.switch_.batch('link add br0 type bridge forward_delay 0 mcast_snooping 0', 'link set br0 up');
    this.store = scene.lab.namespace('api');
    this.plug(this.store, 1);
    const second = scene.lab.addNode('node2', LAN.secondNode);
    this.plug(scene.node.namespace, 11);
    this.plug(second.namespace, 12);
    const other = second.addPod('second', SECOND_POD);
    scene.node.namespace.batch(`route add ${SECOND_POD.ipv4} via 172.31.0.12`);
    second.namespace.batch(
      `route add ${PODS.router.ipv4} via 172.31.0.11`,
      `route add ${PODS.client.ipv4} via 172.31.0.11`,
    );
    this.store.batch(`route add ${PODS.router.ipv4} via 172.31.0.11`, `route add ${SECOND_POD.ipv4} via 172.31.0.12`);
    this.pods = [this.pod('pod-a', scene.router, scene.node), this.pod('pod-b', other, second)];
  }

  /**
   * Servers, ADD for both pods, and their processes: the first one's becomes the holder.
   *
   * @param serve starts the servers; default: those of the scene
   */
  public async start(serve = () => this.scene.serve()): Promise<void> {
    await this.prepare(serve);
    const [first, second] = this.pods;
    first.start();
    await first.becomes('holder');
    second.start();
    await second.becomes('standby');
    // It takes over at once when it has heard the holder, and the holder has heard it.
    await eventually(() => expect(second.readyz()).toMatch(/readyz check passed/));
  }

  /** The same, and neither is the first. */
  public async startAtOnce(): Promise<void> {
    await this.prepare(() => this.scene.serve());
    for (const pod of this.pods) pod.start();
  }

  private async prepare(serve: () => Promise<unknown>): Promise<void> {
    const store = this.store.start(['node', STORE, ...['key', 'ca.crt'].map((file) => join(this.folder, file))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => store.stdout!.once('data', resolve));
    await serve();
    for (const { pod } of this.pods) await pod.add(this.config);
  }

  /** A client on a node without a router. */
  public addClient(): { readonly node: Namespace; readonly pod: Namespace } {
    const node = this.scene.lab.addNode('node3', THIRD_NODE);
    this.plug(node.namespace, 13);
    const pod = node.addPod('client3', THIRD_POD);
    node.namespace.batch(
      `route add ${PODS.router.ipv4} via 172.31.0.11`,
      `route add ${SECOND_POD.ipv4} via 172.31.0.12`,
    );
    this.routes(this.pods[0]);
    this.routes(this.pods[1]);
    return { node: node.namespace, pod: pod.namespace };
  }

  /** Gives a node a link with the MAC address of the holder, as a pod that lingers has it. @returns takes it away */
  public useHolderMac({ node }: PairPod): () => void {
    node.namespace.batch('link add lingering link lan0 address e2:65:c0:a8:0c:63 type macvlan mode bridge');
    node.namespace.batch('link set lingering up');
    return () => node.namespace.batch('link del lingering');
  }

  /** The addresses to which each slice leads. */
  public leadsTo(): Readonly<Record<string, readonly string[]>> {
    const objects = JSON.parse(this.store.run('curl', '-sk', 'https://127.0.0.1:6443/'));
    const slices = (Object.values(objects) as Slice[]).filter(({ kind }) => kind === 'EndpointSlice');
    return Object.fromEntries(
      slices.map(({ metadata, endpoints }) => [metadata.name, endpoints.flatMap(({ addresses }) => addresses)]),
    );
  }

  /** Cuts the API server off, or joins it again. */
  public api(state: 'up' | 'down'): void {
    this.switch_.batch(`link set port1 ${state}`);
  }

  /** The process ends without a word, and both cables are cut. */
  public powerOff(pod: PairPod): void {
    pod.signal('SIGKILL');
    this.cables(pod, 'down', 'lan0', 'cl0');
  }

  /** Asks a server by the pod, from another pod of its node. */
  public async askFrom({ node, pod }: PairPod): Promise<Reply> {
    const client = node.addPod(`asker${this.askers++}`, {
      ipv4: `10.244.9.${this.askers}`,
      ipv6: `fd00:10:244:9::${this.askers}`,
    });
    return ask(client.namespace, `tcp ${pod.ipv4} 8080`, { milliseconds: 3000 });
  }

  /** Listens for frames of the holder's MAC address that a node sends. @returns ends it */
  public framesOfHolder({ node }: PairPod): () => Promise<string[]> {
    const words = ['tcpdump', '-nnle', '-i', 'lan0', '--immediate-mode', '-Q', 'out', 'ether src e2:65:c0:a8:0c:63'];
    const child = node.namespace.start(words, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    return async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
      return text.split('\n').filter((line) => line !== '');
    };
  }

  /** Pulls or plugs the cables of a pod's node. */
  public cables(pod: PairPod, state: 'up' | 'down', ...links: ('lan0' | 'cl0')[]): void {
    pod.node.namespace.batch(...links.map((link) => `link set ${link} ${state}`));
    if (state === 'up' && links.includes('cl0')) this.routes(pod);
  }

  public [Symbol.dispose](): void {
    this.scene[Symbol.dispose]();
    rmSync(this.folder, { recursive: true });
  }

  /** The kernel has removed them with the link. */
  private routes({ node }: PairPod): void {
    if (node === this.pods[0].node) {
      node.namespace.batch(
        `route replace ${THIRD_POD.ipv4} via 172.31.0.13`,
        `route replace ${SECOND_POD.ipv4} via 172.31.0.12`,
      );
    } else {
      node.namespace.batch(
        `route replace ${THIRD_POD.ipv4} via 172.31.0.13`,
        `route replace ${PODS.router.ipv4} via 172.31.0.11`,
        `route replace ${PODS.client.ipv4} via 172.31.0.11`,
      );
    }
  }

  private plug(namespace: Namespace, host: number): void {
    const port = `port${host}`;
    this.switch_.batch(
      `link add ${port} type veth peer name cl0 netns ${namespace.name}`,
      `link set ${port} master br0 up`,
    );
    namespace.batch(`addr add 172.31.0.${host}/24 dev cl0`, 'link set cl0 up');
  }

  private pod(name: string, pod: Pod, node: Node): PairPod {
    const words = [
      `--config=${JSON.stringify(this.config)}`,
      ...['--standby', `--pod=${name}`, '--namespace=partners', `--node=${node.namespace.name}`],
      ...[`--pod-addresses=${pod.ipv4}`, `--services-file=${join(this.folder, 'services.json')}`],
    ];
    return new PairPod(name, pod, node, words, this.folder);
  }

  private writeFiles(): void {
    const { folder } = this;
    const names = ['-subj', '/CN=api', '-addext', `subjectAltName=IP:${API}`];
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'ca.crt')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, ...files], { stdio: 'ignore' });
    writeFileSync(join(folder, 'token'), 'token');
    const services = [
      { name: 'bank', ports: [{ name: 'tcp-8080', port: 8080, protocol: 'TCP' }] },
      { name: 'shop', ports: [{ name: 'tcp-8443', port: 8443, protocol: 'TCP' }] },
    ];
    writeFileSync(join(folder, 'services.json'), JSON.stringify(services));
  }
}
