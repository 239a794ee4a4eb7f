import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Conversation } from './lab/conversation';
import type { Namespace } from './lab/namespace';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const SERVER = '203.0.113.27';
const IP = { ...IPV4_ONLY, destinations: [`9000 TCP ${SERVER} 9000`, `80 UDP ${SERVER}`] };

/** A server that goes on sending to a client that has closed its own direction. */
async function startLateServer(namespace: Namespace): Promise<ChildProcess> {
  const program = join(__dirname, 'lab', 'programs', 'late-answer-server.mjs');
  const child = namespace.start([process.execPath, program, SERVER, '9000'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout!.setEncoding('utf8');
  await once(child.stdout!, 'data');
  return child;
}

interface Entry {
  readonly state: string;
  readonly secondsLeft: number;
}

/** The pod's TCP connections to the late server. */
function entries({ router }: Scene): Entry[] {
  const { stdout } = router.namespace.try(['conntrack', '-L', '-p', 'tcp', '--orig-port-dst', '9000']);
  return [...stdout.matchAll(/^tcp +6 (\d+) (\S+)/gm)].map(([, seconds, state]) => ({
    state: state!,
    secondsLeft: Number(seconds),
  }));
}

/** A client that has closed its own direction, after the server heard it. */
async function halfClose(scene: Scene, server: ChildProcess): Promise<Conversation> {
  const client = await Conversation.open(scene.client.namespace, `tcp ${scene.router.ipv4} 9000`);
  expect(await client.ask()).toBe('heard');
  const heard = once(server.stdout!, 'data');
  client.send('half-close');
  expect(await heard).toEqual(['half-closed\n']);
  return client;
}

describeOnKernel('the time for which the kernel remembers a connection', ['ip', 'nft', 'conntrack'], () => {
  test('a half-closed connection lasts as long as an open one of RFC 5382', async () => {
    using scene = new Scene();
    const server = await startLateServer(scene.server);
    await scene.router.add(scene.config(IP));
    const client = await halfClose(scene, server);
    await eventually(() => {
      expect(entries(scene)).toEqual([{ state: 'CLOSE_WAIT', secondsLeft: expect.any(Number) }]);
      expect(entries(scene)[0]!.secondsLeft).toBeGreaterThan(7400);
    });
    server.stdin!.write('late\n');
    await client.hears('late');
  });

  test('a half-closed connection ends after the configured time, and an open one does not', async () => {
    using scene = new Scene();
    const server = await startLateServer(scene.server);
    await scene.router.add(scene.config(IP, { connectionTimeouts: { tcpHalfClosed: 1 } }));
    await Conversation.open(scene.client.namespace, `tcp ${scene.router.ipv4} 9000`);
    await eventually(() => expect(entries(scene)[0]!.secondsLeft).toBeGreaterThan(86_000));
    const client = await halfClose(scene, server);
    await eventually(() => expect(entries(scene).map(({ state }) => state)).toEqual(['ESTABLISHED']), 10_000);
    server.stdin!.write('late\n');
    // The server's data meets no connection.
    await expect(client.hears('late', 500)).rejects.toThrow('no "late"');
  });
});

const KERNEL = {
  tcp_timeout_established: '432000',
  tcp_timeout_close_wait: '60',
  tcp_timeout_fin_wait: '120',
  tcp_timeout_last_ack: '30',
  udp_timeout: '30',
  udp_timeout_stream: '120',
  icmp_timeout: '30',
  icmpv6_timeout: '30',
};
const TCP = {
  tcp_timeout_established: '86400',
  tcp_timeout_close_wait: '7440',
  tcp_timeout_fin_wait: '240',
  tcp_timeout_last_ack: '240',
};
const UDP = { udp_timeout: '120', udp_timeout_stream: '300' };
const SCTP = {
  sctp_timeout_established: '7440',
  sctp_timeout_cookie_echoed: '60',
  sctp_timeout_shutdown_sent: '240',
  sctp_timeout_shutdown_recd: '240',
  sctp_timeout_shutdown_ack_sent: '240',
};
const ICMP = { icmp_timeout: '60' };

/** The connection timeouts of a pod that a router may change. */
function timeouts({ router }: Scene): Record<string, string> {
  const names = Object.keys({ ...KERNEL, ...SCTP });
  return Object.fromEntries(names.map((name) => [name, router.namespace.setting(`netfilter/nf_conntrack_${name}`)]));
}

describeOnKernel('connection timeouts of the pod', ['ip', 'nft', 'strace'], () => {
  const rules = (...destinations: string[]) => ({ ...IPV4_ONLY, destinations });

  test.each([
    ['of a TCP rule', rules('80 TCP 203.0.113.26'), {}, TCP],
    ['of a UDP rule', rules('80 UDP 203.0.113.26'), {}, UDP],
    ['of an SCTP rule', rules('80 SCTP 203.0.113.26'), {}, SCTP],
    ['of a fallback', rules('203.0.113.26'), {}, { ...TCP, ...UDP, ...SCTP, ...ICMP }],
    [
      'of live rules, which may come later',
      { ...DUAL_STACK, destinations: ['80 TCP 203.0.113.26'] },
      { liveRules: true },
      { ...TCP, ...UDP, ...SCTP, ...ICMP, icmpv6_timeout: '60' },
    ],
    [
      'of the configuration',
      rules('80 TCP 203.0.113.26', '53 UDP 203.0.113.26'),
      { connectionTimeouts: { tcpEstablished: 7500, udp: 10, udpStream: 20 } },
      { ...TCP, tcp_timeout_established: '7500', udp_timeout: '10', udp_timeout_stream: '20' },
    ],
  ])('ADD sets the timeouts %s, CHECK compares them, DEL restores the rest', async (_, ip, more, expected) => {
    using scene = new Scene();
    const before = timeouts(scene);
    expect(before).toMatchObject(KERNEL);
    const config = scene.config(ip, more);
    await scene.router.add(config);
    expect(timeouts(scene)).toEqual({ ...before, ...expected });
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    const [name, value] = Object.entries(expected)[0]!;
    scene.router.namespace.set({ [`netfilter/nf_conntrack_${name}`]: '77' });
    const { json } = await scene.router.call('CHECK', config);
    expect(json.details).toBe(`sysctl net/netfilter/nf_conntrack_${name} is 77, not ${value}`);
    await scene.router.del(config);
    expect(timeouts(scene)).toEqual(before);
  });

  test("DEL restores an administrator's value", async () => {
    using scene = new Scene();
    scene.router.namespace.set({ 'netfilter/nf_conntrack_tcp_timeout_established': '1000' });
    const config = scene.config(IPV4_ONLY);
    await scene.router.add(config);
    expect(timeouts(scene)).toMatchObject(TCP);
    await scene.router.del(config);
    expect(timeouts(scene).tcp_timeout_established).toBe('1000');
  });

  test('DEL restores settings that the kernel does not have before the table', async () => {
    using scene = new Scene();
    const config = scene.config(IPV4_ONLY);
    // Without the module of conntrack, the first look finds no such file.
    const file = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established';
    const wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-P', file, '-e', 'trace=openat'];
    await scene.router.add(config, { wrapper: [...wrapper, '-e', 'inject=openat:error=ENOENT:when=1'] });
    expect(timeouts(scene)).toMatchObject(TCP);
    await scene.router.del(config);
    expect(timeouts(scene)).toMatchObject(KERNEL);
  });
});
