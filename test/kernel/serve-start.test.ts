import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEcho } from './lab/echo';
import { PODS, RESERVED } from './lab/layout';
import { Namespace, type Outcome } from './lab/namespace';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';
import { RouterImage } from './support/router-container';

const PORT = 9180;
const TALKER = join(__dirname, 'lab/programs/talker.mjs');

describeOnKernel('the start and the end of serve', ['ip', 'nft', 'arping', 'curl', 'runc'], () => {
  let scene: Scene;
  let image: RouterImage;
  let config: ReturnType<Scene['config']>;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-serve-'));
    scene = new Scene();
    image = new RouterImage();
    config = scene.config(DUAL_STACK, { healthPort: PORT });
    await scene.router.add(config);
  }, 60_000);
  afterAll(() => {
    image?.[Symbol.dispose]();
    scene?.[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  /** `serve` that has to end by itself. */
  function serve(namespace: Namespace, ...flags: string[]): Outcome {
    return namespace.try(['timeout', '20', PLUGIN, 'serve', '--router=prod/db', ...flags]);
  }

  const asFlag = (value: object) => `--config=${JSON.stringify(value)}`;

  /** The only line of the log. */
  const fault = (outcome: Outcome) => ({ ...outcome, stdout: JSON.parse(outcome.stdout) });
  const said = (message: unknown) => ({
    status: 1,
    stdout: { time: expect.any(String), level: 'error', router: 'prod/db', message },
    stderr: '',
  });

  async function ready(host: string = PODS.router.ipv4): Promise<void> {
    const words = ['curl', '-s', '-m', '2', `http://${host}:${PORT}/readyz`];
    await eventually(() => expect(scene.node.namespace.try(words)).toMatchObject({ stdout: 'ok\n' }), 20_000);
  }

  // The number of the signal's process inside is 1: without a handler the kernel would drop the signal.
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it while a client is connected',
    async (signal) => {
      using container = image.serve(scene.router, config);
      await ready();
      const talker = [process.execPath, TALKER, 'tcp', PODS.router.ipv4, String(PORT)];
      const connected = scene.node.namespace.start(talker, { stdio: ['pipe', 'pipe', 'ignore'] });
      expect(String(await once(connected.stdout!, 'data'))).toBe('open\n');
      connected.stdin!.write('GET /livez HTTP/1.1\n');
      process.kill(container.pid!, signal);
      expect(await container.end()).toBe(0);
      expect(JSON.parse(container.stdout.trim().split('\n').at(-1)!)).toMatchObject({ message: 'stopping', signal });
      expect(container.stderr).toBe('');
      connected.kill();
    },
    60_000,
  );

  test('the address is in use after its end, and until DEL', async () => {
    using container = image.serve(scene.router, config);
    await ready();
    container.kill('SIGTERM');
    expect(await container.end()).toBe(0);
    const arping = ['arping', '-c', '1', '-w', '2', '-I', 'lan0', RESERVED.ipv4];
    expect(scene.lab.gateway.namespace.try(arping)).toMatchObject({ status: 0 });
    await scene.router.del(config);
    expect(scene.lab.gateway.namespace.try(arping)).toMatchObject({ status: 1 });
    await scene.router.add(config);
  }, 60_000);

  test.each([
    ['IPv4', '192.168.12.98/24', '192.168.12.1', 'ipv4'],
    ['IPv6', '2001:db8:12::98/64', '2001:db8:12::1', 'ipv6'],
  ] as const)(
    'a router of %s alone and without a gateway asks its first destination',
    async (_what, address, destination, family) => {
      const pod = scene.node.addPod(`alone-${family}`, PODS.third);
      const ip = { addresses: [address], destinations: [`80 TCP ${destination}`, `81 TCP ${destination}1`] };
      const alone = { ...scene.config(ip, { healthPort: PORT }), name: scene.lab.unique(family) };
      await pod.add(alone);
      using container = image.serve(pod, alone);
      await ready(PODS.third.ipv4);
      await eventually(() => {
        expect(JSON.parse(container.stdout.split('\n')[0]!)).toMatchObject({ asks: [destination] });
      });
      scene.lab.lan.batch('link set port0 down');
      try {
        const words = ['curl', '-s', '-m', '2', `http://${PODS.third.ipv4}:${PORT}/readyz`];
        const kind = family === 'ipv4' ? 'ARP' : 'neighbour solicitations';
        await eventually(() => {
          const { stdout } = scene.node.namespace.try(words);
          expect(stdout).toBe(
            `[-]gateway failed: destination ${destination} does not answer ${kind}\nreadyz check failed\n`,
          );
        }, 20_000);
      } finally {
        scene.lab.lan.batch('link set port0 up');
      }
      container.kill('SIGTERM');
      await container.end();
      await pod.del(alone);
      scene.node.namespace.batch(`link del ${pod.nodeLink}`);
    },
    60_000,
  );

  test.each(['0.0.0.0', '::'])('a port that is taken at %s is a fault', async (address) => {
    const other = await startEcho(scene.router.namespace, `tcp ${address} ${PORT}`);
    try {
      const outcome = fault(serve(scene.router.namespace, asFlag(config)));
      expect(outcome).toEqual(said(expect.stringMatching(/^cannot listen on the health port 9180: .*in use/)));
    } finally {
      other.kill();
    }
  });

  test('a namespace without a router is a fault', () => {
    using empty = Namespace.create(scene.lab.unique('empty'));
    const message =
      "no interface net1 in this network namespace: run serve in a router's pod after the plugin has set it up (--interface)";
    expect(fault(serve(empty, asFlag(config)))).toEqual(said(message));
  });

  test('an interface that the pod has not is a fault, and a name that none can have is misuse', () => {
    const { namespace } = scene.router;
    expect(fault(serve(namespace, asFlag(config), '--interface=net7'))).toEqual(
      said(expect.stringMatching(/^no interface net7 /)),
    );
    expect(serve(namespace, asFlag(config), '--interface=net/7')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^serve: --interface: "net\/7" is not an interface name; accepted: the name of/),
    });
  });

  test('a primary interface that the pod has not is a fault', () => {
    const outcome = fault(serve(scene.router.namespace, asFlag({ ...config, primaryInterface: 'eth9' })));
    expect(outcome).toEqual(
      said('primaryInterface: "eth9" is not an interface of the pod; accepted: the one on the cluster network'),
    );
  });

  const taken = { ...DUAL_STACK, destinations: ['9180 TCP 203.0.113.26 80'] };
  const TAKEN =
    'ip.destinations[0]: "9180 TCP 203.0.113.26 80" takes the health port, where the router answers probes; accepted: a TCP port other than 9180, or another health port';

  test.each<[string, () => string, string | RegExp]>([
    ['no JSON', () => '{"name":', /^is not JSON: /],
    ['no object', () => '[]', '(the whole input): [] is not an object; accepted: an object'],
    ['a health port that a rule takes', () => JSON.stringify(scene.config(taken, { healthPort: PORT })), TAKEN],
    ['a rule on the default health port', () => JSON.stringify(scene.config(taken)), TAKEN],
  ])('a configuration with mistakes is misuse as a flag and a fault in a file: %s', (_what, text, problem) => {
    const file = join(folder, 'config.json');
    writeFileSync(file, text());
    const { namespace } = scene.router;
    const asFault = fault(serve(namespace, `--config-file=${file}`));
    const prefix = `--config-file ${file}: `;
    expect(asFault).toEqual(said(expect.stringContaining(prefix)));
    const found = asFault.stdout.message.slice(prefix.length);
    if (typeof problem === 'string') expect(found).toBe(problem);
    else expect(found).toMatch(problem);
    expect(serve(namespace, `--config=${text()}`)).toEqual({
      status: 2,
      stdout: '',
      stderr: `serve: --config: ${found}\n`,
    });
  });

  test.each([
    ['missing', 'missing.json', 'cannot be read: ENOENT'],
    ['a folder', '.', 'is not a file'],
  ])('a file that is %s is a fault', (_what, name, problem) => {
    const file = join(folder, name);
    expect(fault(serve(scene.router.namespace, `--config-file=${file}`))).toEqual(
      said(`--config-file ${file}: ${problem}`),
    );
  });

  test('a privileged port is an error without permission', async () => {
    scene.router.namespace.set({ 'ipv4/ip_unprivileged_port_start': '1024' });
    using container = image.serve(scene.router, {
      ...config,
      healthPort: 80,
      ip: { ...DUAL_STACK, destinations: ['1 TCP 203.0.113.26'] },
    });
    expect(await container.end()).toBe(1);
    expect(JSON.parse(container.stdout)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^cannot listen on the health port 80: /),
    });
  });
});
