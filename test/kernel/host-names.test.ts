import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ConfigMap } from '../support/config-map';
import { jsonLines } from '../support/json-lines';
import { Conversation, startLinesServer } from './lab/conversation';
import { Dns } from './lab/dns';
import { LAN, PODS, RESERVED } from './lab/layout';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

const BANK = 'api.bank.example';
const SHOP = 'api.shop.example';
const [FIRST, SECOND] = ['203.0.113.25', '203.0.113.26'];
/** A DNS server behind the gateway. */
const SERVER = '203.0.113.27';
const CLUSTER = ['10.96.0.0/12', '10.244.0.0/16', 'fd00:10:244::/48'];

interface LogLine {
  readonly message: string;
  readonly host?: string;
}

/** A router whose process resolves two hosts, beside a rule. */
class ResolvingRouter implements Disposable {
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

  public start(): void {
    const { ip, ...rest } = this.config as { ip: Record<string, unknown> };
    const config = { ...rest, ip: { ...ip, destinations: [], hosts: undefined } };
    const words = [PLUGIN, 'serve', `--config=${JSON.stringify(config)}`, `--config-file=${this.map.file}`];
    const child = this.scene.router.namespace.start([...words, '--live-rules'], {
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

describeOnKernel('hosts that serve resolves', ['ip', 'nft', 'conntrack', 'curl'], () => {
  let router: ResolvingRouter;
  let dns: Dns;
  afterEach(() => router[Symbol.dispose]());

  const fromReserved = { servers: [SERVER], source: 'reserved' };

  test('a name is refused until DNS answers, follows the answers, and keeps the last one', async () => {
    router = await ResolvingRouter.add(fromReserved);
    router.start();
    await eventually(() =>
      expect(router.get('/readyz?verbose')).toContain(`[!]names warning: ${BANK} does not resolve`),
    );
    expect(router.get('/readyz')).toBe('ok\n');
    await router.refuses(20443);
    expect(await (await router.talk(8080)).ask()).toBe(`${FIRST} 80 ${RESERVED.ipv4}`);

    dns = await Dns.start(router.scene.server, SERVER);
    dns.say({ [BANK]: { A: [FIRST], ttl: 1 } });
    const open = await router.leadsTo(20443, FIRST);
    expect(new Set(dns.questions.map(({ from }) => from))).toEqual(new Set([RESERVED.ipv4]));
    await router.refuses(20444);

    dns.say({ [BANK]: { A: [SECOND], ttl: 0 }, [SHOP]: { A: [FIRST], ttl: 86_400 } });
    await router.leadsTo(20443, SECOND);
    await router.leadsTo(20444, FIRST);
    expect(await open.ask()).toBe(`${FIRST} 443 ${RESERVED.ipv4}`);
    expect(router.get('/readyz?verbose')).toContain('[+]names ok\n');
    expect(router.get('/metrics')).toContain(`egress_router_host_resolved{host="${BANK}"} 1\n`);

    dns.say({});
    await eventually(() => expect(router.log.map(({ message }) => message)).toContain('host does not resolve'), 60_000);
    await router.leadsTo(20443, SECOND);
    await router.kill();
    dns.say({ [BANK]: { way: 'silent' }, [SHOP]: { way: 'silent' } });
    router.start();
    await eventually(() => expect(router.get('/readyz')).toBe('ok\n'));
    await router.leadsTo(20443, SECOND);
    expect(await open.ask()).toBe(`${FIRST} 443 ${RESERVED.ipv4}`);
    const { status, stdout } = await router.scene.router.call('CHECK', router.config);
    expect([status, stdout]).toEqual([0, '']);
  }, 180_000);

  test('a truncated answer is asked for by TCP, and 60 addresses of one name are used', async () => {
    router = await ResolvingRouter.add(fromReserved);
    dns = await Dns.start(router.scene.server, SERVER);
    const many = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 100}`);
    dns.say({ [BANK]: { A: [FIRST], way: 'truncated' }, [SHOP]: { A: many } });
    router.start();
    await router.leadsTo(20443, FIRST);
    expect(dns.questions).toContainEqual({ name: BANK, type: 'A', way: 'tcp', from: RESERVED.ipv4 });
    await eventually(() =>
      expect(router.get('/metrics')).toContain(`egress_router_host_addresses{host="${SHOP}",family="ipv4"} 60\n`),
    );
    const { status, stdout } = await router.scene.router.call('CHECK', router.config);
    expect([status, stdout]).toEqual([0, '']);
  }, 120_000);

  test.each([
    ['a pod', PODS.client.ipv4, 'cluster'],
    ['the router itself', RESERVED.ipv4, 'own'],
    ['loopback', '127.0.0.1', 'loopback'],
    ['the metadata service', '169.254.169.254', 'link-local'],
    ['a network that is not allowed', SECOND, 'not-allowed'],
  ])(
    'an answer that leads to %s is refused, and shown',
    async (_, address, reason) => {
      router = await ResolvingRouter.add(fromReserved, { allowedCidrs: [`${FIRST}/32`] });
      dns = await Dns.start(router.scene.server, SERVER);
      dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [address] } });
      router.start();
      await router.leadsTo(20443, FIRST);
      const refused = `egress_router_host_refused_addresses{host="${SHOP}",family="ipv4",reason="${reason}"} 1\n`;
      await eventually(() => expect(router.get('/metrics')).toContain(refused));
      await router.refuses(20444);
      await eventually(() =>
        expect(router.get('/readyz?verbose')).toContain(`${SHOP} does not resolve: ${address} is`),
      );
    },
    60_000,
  );

  test("a server is asked from the pod's own address, and a malformed answer changes nothing", async () => {
    const server = LAN.node.ipv4.split('/')[0]!;
    router = await ResolvingRouter.add({ servers: [server], source: 'pod', unresolvedIsUnready: true });
    dns = await Dns.start(router.scene.node.namespace, server);
    dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [FIRST], way: 'malformed' } });
    router.start();
    await router.leadsTo(20443, FIRST);
    expect(new Set(dns.questions.map(({ from }) => from))).toEqual(new Set([PODS.router.ipv4]));
    await eventually(() =>
      expect(router.get('/readyz')).toContain(`[-]names failed: ${SHOP} does not resolve: the answer is malformed`),
    );
    dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [SECOND] } });
    await router.leadsTo(20444, SECOND);
    await eventually(() => expect(router.get('/readyz')).toBe('ok\n'));
  }, 120_000);
});
