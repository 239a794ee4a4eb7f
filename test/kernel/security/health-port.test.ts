import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PODS } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { eventually } from '../support/eventually';
import { describeOnKernel, PLUGIN } from '../support/requires';

const PORT = 9180;
const PROGRAMS = join(__dirname, '../lab/programs');
const [OPEN, SEND] = [join(PROGRAMS, 'open-connections.mjs'), join(PROGRAMS, 'send-text.mjs')];
/** File descriptors of the process: few, so that few connections would use them up. */
const DESCRIPTORS = 64;
const CONNECTIONS = 200;

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
    scene.node.namespace.try(['curl', '-s', '-m', '2', `http://${PODS.router.ipv4}:${PORT}/readyz`]).stdout;

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
    ['a malformed host', 'GET /readyz HTTP/1.1\r\nHost: [::zz\r\n\r\n', 200],
    ['no host', 'GET /readyz HTTP/1.0\r\n\r\n', 200],
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
