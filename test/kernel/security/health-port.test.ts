import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { macOf } from '../lab/host';
import { PODS } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { fromNode } from '../support/doctor';
import { eventually } from '../support/eventually';
import { hold } from '../support/hold';
import { sendIp } from '../support/ip-frames';
import { describeOnKernel, PLUGIN } from '../support/requires';

const PORT = 9180;
const PROGRAMS = join(__dirname, '../lab/programs');
const [OPEN, SEND] = [join(PROGRAMS, 'open-connections.mjs'), join(PROGRAMS, 'send-text.mjs')];
/** The most connections of one source address. */
const LIMIT = 64;
/** File descriptors of the process: few, so that few connections would use them up. */
const DESCRIPTORS = 64;
const CONNECTIONS = 60;

/** What a client sends before it waits. */
const WAITING = {
  'nothing at all': '',
  'half a request': 'GET /readyz HTTP/1.1\r\nX-Wait: ',
  'a request for the metrics without reading the answer': 'GET /metrics HTTP/1.1\r\nHost: router\r\n\r\n',
} as const;

describeOnKernel('clients that use up the health port', ['ip', 'nft', 'curl', 'prlimit'], () => {
  let scene: Scene;
  let serve: ChildProcess;
  let log = '';
  beforeAll(async () => {
    scene = new Scene();
    const config = scene.config(DUAL_STACK, { healthPort: PORT });
    await scene.router.add(config);
    const words = ['prlimit', `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, PLUGIN, 'serve'];
    serve = scene.router.namespace.start([...words, `--config=${JSON.stringify(config)}`], { stdio: 'pipe' });
    for (const stream of [serve.stdout!, serve.stderr!]) {
      stream.setEncoding('utf8').on('data', (data: string) => {
        log += data;
      });
    }
    await eventually(() => expect(probe()).toBe('ok\n'), 20_000);
  }, 60_000);
  afterAll(() => scene?.[Symbol.dispose]());

  /** As a kubelet asks. */
  const probe = (): string =>
    scene.node.namespace.try(['curl', '-s', '-m', '20', `http://${PODS.router.ipv4}:${PORT}/readyz`]).stdout;

  const logged = () =>
    log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; message: string; check?: string; reason?: string });

  /** Connections of one client pod. They end with it. */
  async function open(what: string): Promise<Disposable> {
    const words = [process.execPath, OPEN, PODS.router.ipv4, String(PORT), String(CONNECTIONS), what];
    const client = scene.client.namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(String(await once(client.stdout!, 'data'))).toBe('open\n');
    return { [Symbol.dispose]: () => void client.kill('SIGKILL') };
  }

  test.each(Object.entries(WAITING))(
    'a client that sends %s leaves the router ready',
    async (_what, what) => {
      using _client = await open(what);
      for (let count = 0; count < 12; count++) {
        expect(probe()).toBe('ok\n');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(readdirSync(`/proc/${serve.pid}/fd`).length).toBeLessThan(DESCRIPTORS);
      expect(serve.exitCode).toBeNull();
      expect(logged().filter(({ level }) => level !== 'info')).toEqual([]);
    },
    60_000,
  );

  test('a check that gets no file descriptor has failed, and the process goes on', async () => {
    const limit = (count: number) =>
      scene.router.namespace.run('prlimit', `--pid=${serve.pid}`, `--nofile=${count}:${DESCRIPTORS}`);
    limit(3);
    try {
      await eventually(() => {
        const failed = expect.objectContaining({ check: 'forwarding', reason: expect.stringContaining('EMFILE') });
        expect(logged()).toContainEqual(failed);
      }, 10_000);
    } finally {
      limit(DESCRIPTORS);
    }
    await eventually(() => expect(probe()).toBe('ok\n'), 10_000);
    const again = expect.objectContaining({ message: 'check holds again', check: 'forwarding' });
    await eventually(() => expect(logged()).toContainEqual(again));
    expect(serve.exitCode).toBeNull();
  }, 60_000);

  /** The answer to a text that is sent as it is. */
  const answer = (request: string) =>
    scene.node.namespace.try([process.execPath, SEND, PODS.router.ipv4, String(PORT)], request).stdout;

  test.each([
    ['a malformed host', 'GET /readyz HTTP/1.1\r\nHost: [::zz\r\n\r\n', 400],
    ['two hosts', 'GET /readyz HTTP/1.1\r\nHost: router\r\nHost: router\r\n\r\n', 400],
    ['an IPv6 address and port as host', 'GET /readyz HTTP/1.1\r\nHost: [fd00::5]:9180\r\n\r\n', 200],
    ['an empty host', 'GET /readyz HTTP/1.1\r\nHost:\r\n\r\n', 200],
    ['no host, by HTTP/1.0', 'GET /readyz HTTP/1.0\r\n\r\n', 200],
    ['a malformed target', 'GET http://[/readyz HTTP/1.1\r\nHost: router\r\n\r\n', 400],
    ['two slashes and a bracket', 'GET //[::zz HTTP/1.1\r\nHost: router\r\n\r\n', 404],
    ['no HTTP', '\u0000\u001b]0;x\u0007\r\n\r\n', 400],
    ['a header of 70 kB', `GET /readyz HTTP/1.1\r\nHost: router\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
  ])('a request with %s gets an answer, and adds nothing to the log', (_what, request, status) => {
    const before = log;
    expect(answer(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(probe()).toBe('ok\n');
    expect(log).toBe(before);
  });
});

describeOnKernel('a source with many connections to the health port', ['ip', 'nft', 'curl', 'python3'], () => {
  const FLOOD = 300;
  const FORGED = 300;
  const SYN = 2;
  const ADDRESSES = Object.entries(PODS.router);
  let scene: Scene;
  beforeAll(async () => {
    scene = new Scene();
    const config = scene.config(DUAL_STACK, { healthPort: PORT });
    await scene.router.add(config);
    scene.router.namespace.start([PLUGIN, 'serve', `--config=${JSON.stringify(config)}`], { stdio: 'ignore' });
    await eventually(() => expect(probe(PODS.router.ipv4)).toBe('ok\n'), 20_000);
  }, 60_000);
  afterAll(() => scene?.[Symbol.dispose]());

  /** As a kubelet asks, from the node. A SYN that is dropped is repeated after a second. */
  const probe = (address: string) => {
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${PORT}/readyz`;
    return scene.node.namespace.try(['curl', '-g', '-s', '-m', '0.9', url]).stdout;
  };

  test.each(ADDRESSES)(
    'gets 64 of them over %s, and the kubelet its answers at once',
    async (_family, address) => {
      const flood = await hold(scene.client.namespace, 'tcp', address, PORT, FLOOD);
      try {
        expect(flood.count).toBe(LIMIT);
        for (let count = 0; count < 5; count++) expect(probe(address)).toBe('ok\n');
      } finally {
        await flood.end();
      }
      // Ended ones do not count.
      await eventually(async () => {
        const again = await hold(scene.client.namespace, 'tcp', address, PORT, LIMIT);
        await again.end();
        expect(again.count).toBe(LIMIT);
      }, 20_000);
    },
    60_000,
  );

  test.each(ADDRESSES)(
    'cannot use up those of the node by forged SYNs over %s',
    async (family, destination) => {
      const { client, node, router } = scene;
      const source = nodeAddress(scene, family === 'ipv4' ? 4 : 6);
      const syns = `${family === 'ipv4' ? 'ip' : 'ip6'} saddr ${source} tcp flags syn counter`;
      const hook = 'type filter hook prerouting priority raw';
      router.namespace.run('nft', `table inet ${family} { chain syns { ${hook}; ${syns}; }; }`);
      const mac = macOf(node.namespace, client.nodeLink);
      // Where a bridge connects the pods, the node does not see whose address a packet has.
      node.namespace.set({ [`ipv4/conf/${client.nodeLink}/accept_local`]: '1' });
      const frame = { link: 'eth0', mac, source, destination, count: FORGED };
      sendIp(client.namespace, frame, ['tcp', 20_000, PORT, SYN, 1, 0]);
      const counted = router.namespace.run('nft', 'list', 'table', 'inet', family);
      expect(counted).toContain(`counter packets ${FORGED} bytes`);
      // The node answers each SYN-ACK by a reset, which ends the entry.
      for (let count = 0; count < 3; count++) expect(probe(destination)).toBe('ok\n');
    },
    60_000,
  );

  test('is named by doctor while it is at its limit', async () => {
    const flood = await hold(scene.client.namespace, 'tcp', PODS.router.ipv4, PORT, FLOOD);
    const found = fromNode(scene, scene.config(DUAL_STACK, { healthPort: PORT }));
    await flood.end();
    const finding = found.findings.find(({ id }) => id === 'health-limited');
    expect({ finding, found }).toMatchObject({ finding: { details: [`${PODS.client.ipv4}: ${LIMIT} connections`] } });
    expect(finding!.problem).toMatch(
      /^Sources have as many connections to the health port 9180 as one address may have \(64\); [1-9]\d* packets that would begin further ones were dropped since the table was made\.$/,
    );
  }, 60_000);

  test('connections within the pod are not counted', async () => {
    const own = await hold(scene.router.namespace, 'tcp', '127.0.0.1', PORT, 2 * LIMIT);
    expect(own.count).toBe(2 * LIMIT);
    await own.end();
  });
});

/** What the node's packets to the router come from. */
function nodeAddress({ node }: Scene, family: 4 | 6): string {
  const words = [`-${family}`, 'route', 'get', family === 4 ? PODS.router.ipv4 : PODS.router.ipv6];
  return node.namespace.ip<{ prefsrc: string }>(...words)[0]!.prefsrc;
}
