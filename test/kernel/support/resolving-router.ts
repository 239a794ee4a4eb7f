import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ConfigMap } from '../../support/config-map';
import { jsonLines } from '../../support/json-lines';
import { Conversation, startLinesServer } from '../lab/conversation';
import { PODS, RESERVED } from '../lab/layout';
import type { PluginConfig } from '../lab/plugin';
import { Scene } from '../lab/scene';
import { eventually } from './eventually';
import { PLUGIN } from './requires';

export const BANK = 'api.bank.example';
export const SHOP = 'api.shop.example';
/** Partners' servers. */
export const [FIRST, SECOND] = ['203.0.113.25', '203.0.113.26'] as const;
/** A DNS server behind the gateway. */
export const SERVER = '203.0.113.27';
/** The cluster's networks. */
export const CLUSTER = ['10.96.0.0/12', '10.244.0.0/16', 'fd00:10:244::/48'];

interface LogLine {
  readonly message: string;
  readonly host?: string;
}

/** A router whose process resolves two hosts, beside a rule. */
export class ResolvingRouter implements Disposable {
  public readonly scene = new Scene();
  private readonly map: ConfigMap;
  private child: ChildProcess | undefined;
  private text = '';

  private constructor(public readonly config: PluginConfig) {
    this.map = new ConfigMap(JSON.stringify(config));
  }

  public static async add(resolver: object, shop: object = {}): Promise<ResolvingRouter> {
    const ip = {
      addresses: [`${RESERVED.ipv4}/24`],
      gateway: '192.168.12.1',
      destinations: [`8080 TCP ${FIRST} 80`],
      hosts: [
        { name: BANK, ports: ['20443 TCP 443'] },
        { name: SHOP, ports: ['20444 TCP 443'], ...shop },
      ],
      resolver: { clusterCidrs: CLUSTER, ...resolver },
    };
    const router = new ResolvingRouter({ ip });
    Object.assign(router.config, router.scene.config(ip, { healthPort: 9180, liveRules: true }));
    router.map.swap(JSON.stringify(router.config));
    await router.scene.router.add(router.config);
    await startLinesServer(router.scene.server, `tcp ${FIRST} 80`, `tcp ${FIRST} 443`, `tcp ${SECOND} 443`);
    return router;
  }

  /** @param flags of `serve` */
  public start(...flags: readonly string[]): void {
    const { ip, ...rest } = this.config as { ip: Record<string, unknown> };
    const config = { ...rest, ip: { ...ip, destinations: [], hosts: undefined } };
    const words = [PLUGIN, 'serve', `--config=${JSON.stringify(config)}`, `--config-file=${this.map.file}`];
    const child = this.scene.router.namespace.start([...words, '--live-rules', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
    this.child = child;
  }

  public async kill(): Promise<void> {
    const ended = once(this.child!, 'exit');
    this.child!.kill('SIGKILL');
    await ended;
  }

  public get log(): LogLine[] {
    return jsonLines<LogLine>(this.text);
  }

  /** What the health port answers. */
  public get(path: string): string {
    return this.scene.node.namespace.try(['curl', '-s', '-m', '5', `http://${PODS.router.ipv4}:9180${path}`]).stdout;
  }

  public async talk(port: number): Promise<Conversation> {
    return Conversation.open(this.scene.client.namespace, `tcp ${PODS.router.ipv4} ${port}`);
  }

  /** Waits until a new connection to a port ends up at a server. */
  public async leadsTo(port: number, server: string): Promise<Conversation> {
    return eventually(async () => {
      const conversation = Conversation.begin(this.scene.client.namespace, `tcp ${PODS.router.ipv4} ${port}`);
      const heard = (await conversation.ask()) === 'open' ? await conversation.ask() : conversation.log[0];
      expect([server, heard, this.text]).toEqual([server, expect.stringContaining(`${server} 443`), this.text]);
      return conversation;
    }, 60_000);
  }

  public async refuses(port: number): Promise<void> {
    await Conversation.begin(this.scene.client.namespace, `tcp ${PODS.router.ipv4} ${port}`).hears(
      'error ECONNREFUSED',
    );
  }

  public [Symbol.dispose](): void {
    this.child?.kill('SIGKILL');
    this.map[Symbol.dispose]();
    this.scene[Symbol.dispose]();
  }
}
