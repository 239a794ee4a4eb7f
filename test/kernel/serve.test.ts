import { Capture } from './lab/capture';
import { PODS, RESERVED } from './lab/layout';
import type { Outcome } from './lab/namespace';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import type { Container } from './support/container';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';
import { processStatus, RouterImage } from './support/router-container';

const TOOLS = ['ip', 'nft', 'curl', 'runc'];
const PORT = 9180;
const SECOND = 1000;

/** The first look takes this long on a busy machine. */
const READY_MS = 20 * SECOND;

describeOnKernel('serve in the pod of a router', TOOLS, () => {
  let scene: Scene;
  let image: RouterImage;
  let container: Container;
  beforeAll(async () => {
    scene = new Scene();
    image = new RouterImage();
    const config = scene.config(DUAL_STACK, { healthPort: PORT });
    await scene.router.add(config);
    container = image.serve(scene.router, config);
    await ready();
  }, 60 * SECOND);
  afterAll(() => {
    container?.[Symbol.dispose]();
    image?.[Symbol.dispose]();
    scene?.[Symbol.dispose]();
  });

  /** As a kubelet asks, from the node. */
  function get(path: string, host: string = PODS.router.ipv4, ...flags: string[]): Outcome & { readonly code: string } {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${PORT}${path}`;
    const words = ['curl', '-g', '-s', '-m', '2', '-w', '\\n%{http_code}', ...flags, url];
    const outcome = scene.node.namespace.try(words);
    const [, stdout = '', code = ''] = /^(.*)\n(\d+)$/s.exec(outcome.stdout) ?? [];
    return { ...outcome, stdout, code };
  }

  async function ready(): Promise<void> {
    await eventually(() => {
      const { code, stdout } = get('/readyz');
      expect({ code, stdout, log: code === '000' ? container.stdout + container.stderr : '' }).toEqual({
        code: '200',
        stdout: 'ok\n',
        log: '',
      });
    }, READY_MS);
  }

  interface LogLine {
    readonly time: string;
    readonly level: string;
    readonly router: string;
    readonly message: string;
    readonly check?: string;
    readonly reason?: string;
    readonly failed?: readonly string[];
  }

  const logLines = () =>
    container.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine);

  test('runs as the manifest has it: not root, without any capability, and the first process of its pod', () => {
    const status = processStatus(container.pid!);
    const ids = { Uid: '65532\t65532\t65532\t65532', Gid: '65532\t65532\t65532\t65532' };
    const none = '0000000000000000';
    const capabilities = { CapInh: none, CapPrm: none, CapEff: none, CapBnd: none, CapAmb: none };
    expect(Object.fromEntries(status)).toMatchObject({ ...ids, ...capabilities, NoNewPrivs: '1', Seccomp: '2' });
    expect(status.get('NSpid')!.split('\t').at(-1)).toBe('1');
  });

  test.each(Object.values(PODS.router))('answers at %s', (host) => {
    expect(get('/livez', host)).toMatchObject({ code: '200', stdout: 'ok\n' });
    expect(get('/readyz', host)).toMatchObject({ code: '200', stdout: 'ok\n' });
    const { code, stdout } = get('/metrics', host);
    expect({ code, stdout }).toMatchObject({
      code: '200',
      stdout: expect.stringContaining('\negress_router_ready 1\n'),
    });
    const names = ['link', 'addresses', 'routes', 'policy-rules', 'forwarding', 'gateway'];
    const lines = names.map((name) => `[+]${name} ok\n`);
    expect(get('/readyz?verbose', host)).toMatchObject({
      code: '200',
      stdout: `${lines.join('')}readyz check passed\n`,
    });
  });

  test('does not answer hosts on the LAN', () => {
    for (const host of [RESERVED.ipv4, `[${RESERVED.ipv6}]`]) {
      const words = ['curl', '-g', '-s', '-m', '1', `http://${host}:${PORT}/livez`];
      expect(scene.lab.gateway.namespace.try(words)).toMatchObject({ stdout: '', status: 28 });
    }
  });

  test.each([
    ['GET', '/', '404', 'not found; accepted: /livez, /readyz, /metrics\n'],
    ['GET', '/readyz/', '404', 'not found; accepted: /livez, /readyz, /metrics\n'],
    ['POST', '/readyz', '405', 'method not allowed; accepted: GET, HEAD\n'],
    ['DELETE', '/metrics', '405', 'method not allowed; accepted: GET, HEAD\n'],
  ])('%s %s gets %s', (method, path, code, stdout) => {
    expect(get(path, PODS.router.ipv4, '-X', method)).toMatchObject({ code, stdout });
  });

  test('says first what it is and what it looks at', async () => {
    // The log comes through a pipe, and may come later than the answer.
    await eventually(() => expect(container.stdout).toContain('\n'));
    expect(logLines()[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      router: 'prod/db',
      message: 'serving',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      interface: 'net1',
      addresses: [`${RESERVED.ipv4}/24`, `${RESERVED.ipv6}/64`],
      asks: ['192.168.12.1', 'fe80::1'],
      healthPort: PORT,
      liveRules: false,
      ruleMetrics: false,
      watchConflicts: false,
    });
  });

  /** Commands of `ip` in the pod. */
  const pod = (...lines: string[]) =>
    scene.router.namespace.run('sh', '-ec', lines.map((line) => `ip ${line}`).join('\n'));
  const gateway = (command: string) => scene.lab.gateway.namespace.run('sh', '-ec', command);
  const setting = (path: string, value: string) => scene.router.namespace.set({ [path]: value });
  const silent = (family: string, match: string) =>
    gateway(`nft 'table ${family} quiet { chain input { type filter hook input priority 0; ${match} drop; }; }'`);

  /** The rules for answers to clients, in the kernel's order. */
  const ANSWERS = ['lookup main suppress_ifgroup 101', 'lookup 101', 'unreachable'].map(
    (action) => `-4 rule add priority 32765 ${action} protocol 101`,
  );

  /** What breaks a router, the check that says so, its words, and what repairs it. */
  const ACCIDENTS: readonly (readonly [string, string, RegExp, () => void, () => void])[] = [
    [
      'the parent goes down',
      'link',
      /^net1 has no carrier: the parent interface on the node is down/,
      () => scene.node.namespace.batch('link set lan0 down'),
      () => scene.node.namespace.batch('link set lan0 up'),
    ],
    [
      'the MAC address changes',
      'link',
      /^net1 has the MAC address 02:00:5e:10:00:63, not e2:65:c0:a8:0c:63$/,
      () => pod('link set net1 address 02:00:5e:10:00:63'),
      () => pod('link set net1 address e2:65:c0:a8:0c:63'),
    ],
    [
      'net1 leaves its link group, so that a route of main may lead there',
      'link',
      /^net1 is in the link group 0, not 101$/,
      () => pod('link set net1 group 0'),
      () => pod('link set net1 group 101'),
    ],
    [
      'hosts of the LAN may redirect it',
      'link',
      /^sysctl net\/ipv4\/conf\/net1\/accept_redirects is 1, not 0$/,
      () => setting('ipv4/conf/net1/accept_redirects', '1'),
      () => setting('ipv4/conf/net1/accept_redirects', '0'),
    ],
    [
      'net1 answers ARP for other addresses',
      'link',
      /^sysctl net\/ipv4\/conf\/net1\/proxy_arp is 1, not 0$/,
      () => setting('ipv4/conf/net1/proxy_arp', '1'),
      () => setting('ipv4/conf/net1/proxy_arp', '0'),
    ],
    [
      'net1 takes routes from router advertisements',
      'link',
      /^sysctl net\/ipv6\/conf\/net1\/accept_ra is 2, not 0$/,
      () => setting('ipv6/conf/net1/accept_ra', '2'),
      () => setting('ipv6/conf/net1/accept_ra', '0'),
    ],
    [
      'ICMP errors to servers have an address of the cluster network',
      'forwarding',
      /^sysctl net\/ipv4\/icmp_errors_use_inbound_ifaddr is 0, not 1$/,
      () => setting('ipv4/icmp_errors_use_inbound_ifaddr', '0'),
      () => setting('ipv4/icmp_errors_use_inbound_ifaddr', '1'),
    ],
    [
      'net1 loses its IPv4 address',
      'addresses',
      /^missing: ip address add 192.168.12.99\/24 dev net1 noprefixroute$/,
      () => pod('addr del 192.168.12.99/24 dev net1'),
      // With the last address of IPv4, the kernel takes the link's routes.
      () =>
        pod(
          'addr add 192.168.12.99/24 dev net1 noprefixroute',
          '-4 route add 192.168.12.0/24 dev net1 table 100 proto 101',
          '-4 route add default via 192.168.12.1 dev net1 table 100 proto 101',
        ),
    ],
    [
      'net1 loses its IPv6 address',
      'addresses',
      /^missing: ip address add 2001:db8:12::99\/64 dev net1 noprefixroute nodad$/,
      () => pod('addr del 2001:db8:12::99/64 dev net1'),
      () => pod('addr add 2001:db8:12::99/64 dev net1 noprefixroute nodad'),
    ],
    [
      'the IPv4 default route goes',
      'routes',
      /^missing: ip -4 route add default via 192.168.12.1 table 100 dev net1 proto 101$/,
      () => pod('-4 route del default via 192.168.12.1 table 100'),
      () => pod('-4 route add default via 192.168.12.1 dev net1 table 100 proto 101'),
    ],
    [
      'the IPv6 subnet route goes',
      'routes',
      /^missing: ip -6 route add 2001:db8:12::\/64 table 100 dev net1 proto 101$/,
      () => pod('-6 route del 2001:db8:12::/64 table 100'),
      () => pod('-6 route add 2001:db8:12::/64 dev net1 table 100 proto 101'),
    ],
    [
      'a route leads a server to another gateway',
      'routes',
      /^unexpected: ip -4 route add 203.0.113.26\/32 via 192.168.12.50 table 100 dev net1/,
      () => pod('-4 route add 203.0.113.26 via 192.168.12.50 dev net1 table 100'),
      () => pod('-4 route del 203.0.113.26 table 100'),
    ],
    [
      'a route by net1 is in the copy of the default routes',
      'routes',
      /^unexpected: ip -6 route add 2001:db8:77::\/64 table 101 /,
      () => pod('-6 route add 2001:db8:77::/64 dev net1 table 101'),
      () => pod('-6 route del 2001:db8:77::/64 table 101'),
    ],
    [
      'a policy rule leads a client to main',
      'policy-rules',
      /^unexpected: ip -4 rule add priority 1000 from 10.244.1.7 lookup 254 /,
      () => pod('-4 rule add priority 1000 from 10.244.1.7 lookup main'),
      () => pod('-4 rule del priority 1000 from 10.244.1.7'),
    ],
    [
      'an IPv4 policy rule goes',
      'policy-rules',
      /^missing: ip -4 rule add priority 1001 from all iif eth0 unreachable proto 101$/,
      () => pod('-4 rule del priority 1001 iif eth0'),
      () => pod('-4 rule add priority 1001 iif eth0 unreachable protocol 101'),
    ],
    [
      'an IPv6 policy rule goes',
      'policy-rules',
      /^missing: ip -6 rule add priority 1000 from 2001:db8:12::99 lookup 100 proto 101$/,
      () => pod('-6 rule del priority 1000 from 2001:db8:12::99'),
      () => pod('-6 rule add priority 1000 from 2001:db8:12::99 lookup 100 protocol 101'),
    ],
    [
      'the rule for the copy of the default route goes',
      'policy-rules',
      /^missing: ip -4 rule add priority 32765 from all lookup 101 proto 101$/,
      () => pod('-4 rule del priority 32765 lookup 101'),
      // Rules of one priority are in the order of their creation.
      () => pod('-4 rule del priority 32765 unreachable', ...ANSWERS.slice(1)),
    ],
    [
      'the rules for answers are in another order',
      'policy-rules',
      /^rules of priority 32765 are in another order: ip -4 rule add priority 32765 from all lookup 101 proto 101; /,
      () => pod('-4 rule del priority 32765 lookup main', ANSWERS[0]!),
      () => pod('-4 rule del priority 32765 lookup 101', '-4 rule del priority 32765 unreachable', ...ANSWERS.slice(1)),
    ],
    [
      'IPv4 is not forwarded any more',
      'forwarding',
      /sysctl net\/ipv4\/ip_forward is 0, not 1/,
      () => setting('ipv4/ip_forward', '0'),
      () => setting('ipv4/ip_forward', '1'),
    ],
    [
      'net1 does not forward any more',
      'forwarding',
      /^sysctl net\/ipv4\/conf\/net1\/forwarding is 0, not 1$/,
      () => setting('ipv4/conf/net1/forwarding', '0'),
      () => setting('ipv4/conf/net1/forwarding', '1'),
    ],
    [
      'IPv6 is not forwarded any more',
      'forwarding',
      /^sysctl net\/ipv6\/conf\/all\/forwarding is 0, not 1$/,
      () => setting('ipv6/conf/all/forwarding', '0'),
      () => setting('ipv6/conf/all/forwarding', '1'),
    ],
    [
      'the gateway does not answer ARP',
      'gateway',
      /^gateway 192.168.12.1 does not answer ARP$/,
      () => silent('arp', 'arp operation request'),
      () => gateway('nft delete table arp quiet'),
    ],
    [
      'the link-local gateway does not answer neighbour solicitations',
      'gateway',
      /^gateway fe80::1 does not answer neighbour solicitations$/,
      () => silent('ip6', 'icmpv6 type nd-neighbor-solicit'),
      () => gateway('nft delete table ip6 quiet'),
    ],
    [
      "the gateway's cable is out",
      'gateway',
      /^gateway 192.168.12.1 does not answer ARP; gateway fe80::1 does not answer neighbour solicitations$/,
      () => scene.lab.lan.batch('link set port0 down'),
      () => scene.lab.lan.batch('link set port0 up'),
    ],
  ];

  test.each(ACCIDENTS)(
    'is not ready when %s, and ready again after the repair',
    async (_what, check, reason, harm, repair) => {
      await ready();
      const logged = logLines().length;
      const failing = new RegExp(`^\\[-\\]${check} failed: (.*)$`, 'm');
      harm();
      try {
        await eventually(() => {
          const { code, stdout } = get('/readyz');
          const [, found] = failing.exec(stdout) ?? [];
          expect({ code, found }).toEqual({ code: '503', found: expect.stringMatching(reason) });
        }, READY_MS);
      } finally {
        repair();
      }
      expect(get('/livez')).toMatchObject({ code: '200', stdout: 'ok\n' });
      await ready();
      // The log comes through a pipe.
      await eventually(() => expect(logLines().at(-1)).toMatchObject({ level: 'info', message: 'ready' }));
      const lines = logLines().slice(logged);
      expect(lines.filter((line) => line.message === 'check failed' && line.check === check)).toEqual([
        {
          time: expect.any(String),
          level: 'warn',
          router: 'prod/db',
          message: 'check failed',
          check,
          reason: expect.stringMatching(reason),
        },
      ]);
      expect(lines.filter(({ message }) => message === 'not ready')).toHaveLength(1);
    },
    60 * SECOND,
  );

  test('is not ready when neither main nor the copy has a default route by eth0 any more', async () => {
    await ready();
    const route = (table: string) => `-4 route add default via ${PODS.gateway4} dev eth0 ${table}`;
    const [main, copy] = [route(''), route('table 101 proto 101')];
    // The node is not answered meanwhile: the pod asks itself.
    const readyz = () =>
      scene.router.namespace.try(['curl', '-s', '-m', '2', `http://${PODS.router.ipv4}:${PORT}/readyz`]).stdout;
    try {
      pod('-4 route flush table 101');
      await staysReady(3);
      pod('-4 route del default dev eth0');
      await eventually(
        () =>
          expect(readyz()).toContain(
            '[-]routes failed: missing: ip -4 route add default via GATEWAY table 101 dev eth0 proto 101\n',
          ),
        READY_MS,
      );
      // As Multus leaves it: the copy alone.
      pod(copy);
      await ready();
    } finally {
      pod(`${main} || true`, `-4 route replace${copy.slice('-4 route add'.length)}`);
    }
    await ready();
  }, 60_000);

  test('names what is missing by the commands that bring it back', async () => {
    await ready();
    // The kernel takes the routes with the last address of a family.
    pod(
      `address del ${RESERVED.ipv4}/24 dev net1`,
      '-6 route flush table 100',
      '-4 rule del priority 1001 iif eth0',
      `-6 rule del priority 1000 from ${RESERVED.ipv6}`,
    );
    await eventually(() => {
      const { stdout } = get('/readyz');
      for (const check of ['addresses', 'routes', 'policy-rules']) expect(stdout).toContain(`[-]${check} failed: `);
    });
    const commands = [...get('/readyz').stdout.matchAll(/missing: ip ([^;\n]*)/g)].map(([, command]) => command!);
    // With IPv6's routes, the one of its link-local neighbours.
    expect(commands).toHaveLength(8);
    pod(...commands);
    await ready();
  }, 60_000);

  test('says what else is wrong by a check that fails already, in the log and in the metrics', async () => {
    await ready();
    const logged = logLines().length;
    const [first, second] = ['-4 rule del priority 1001 iif eth0', `-6 rule del priority 1001 iif eth0`];
    const reasons = () =>
      logLines()
        .slice(logged)
        .flatMap(({ reason }) => reason ?? []);
    const problems = () => {
      const { stdout } = get('/metrics');
      return [...stdout.matchAll(/^egress_router_check_problem_info\{check="policy-rules",problem="(.*)"\} 1$/gm)].map(
        ([, problem]) => problem,
      );
    };
    const missing = (family: number) =>
      `missing: ip -${family} rule add priority 1001 from all iif eth0 unreachable proto 101`;
    pod(first);
    await eventually(() => expect(reasons()).toEqual([missing(4)]), 5 * SECOND);
    pod(second);
    await eventually(() => expect(reasons()).toEqual([missing(4), `${missing(4)}; ${missing(6)}`]), 5 * SECOND);
    await eventually(() => expect(problems()).toEqual([missing(4), missing(6)]), 5 * SECOND);
    pod(...[4, 6].map((family) => missing(family).slice('missing: ip '.length)));
    await ready();
    await eventually(() => expect(problems()).toEqual([]), 5 * SECOND);
    expect(reasons()).toHaveLength(2);
  }, 60_000);

  /** Whether it was ready at every look, for some seconds. */
  async function staysReady(seconds: number): Promise<void> {
    const end = performance.now() + seconds * SECOND;
    while (performance.now() < end) {
      expect(get('/readyz')).toMatchObject({ code: '200', stdout: 'ok\n' });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  test('a gateway whose answers are lost every other time answers', async () => {
    await ready();
    silent('arp', 'arp operation request numgen inc mod 2 == 0');
    silent('ip6', 'icmpv6 type nd-neighbor-solicit numgen inc mod 2 == 0');
    try {
      await staysReady(5);
    } finally {
      gateway('nft delete table arp quiet; nft delete table ip6 quiet');
    }
  }, 60_000);

  test('a gateway that answers ARP and neighbour solicitations, and nothing else, answers', async () => {
    await ready();
    silent('ip', '');
    silent('ip6', 'icmpv6 type != { nd-neighbor-solicit, nd-neighbor-advert }');
    try {
      await staysReady(4);
    } finally {
      gateway('nft delete table ip quiet; nft delete table ip6 quiet');
    }
  }, 60_000);

  test('a gateway answers where a policy rule of others leads packets of the pod itself to main', async () => {
    await ready();
    const rules = ['-4', '-6'].map((family) => [family, 'priority 500 iif lo lookup main'] as const);
    pod(...rules.map(([family, rule]) => `${family} rule add ${rule}`));
    try {
      await staysReady(4);
    } finally {
      pod(...rules.map(([family, rule]) => `${family} rule del ${rule}`));
    }
  }, 60_000);

  test('costs conntrack one entry for each gateway, however often it asks', async () => {
    await ready();
    const questions = await Capture.start(scene.router.namespace, 'net1', 'udp dst port 9');
    await eventually(() => expect(questions.frames().length).toBeGreaterThan(4), 20 * SECOND);
    await questions.stop();
    const entries = scene.router.namespace
      .run('cat', '/proc/net/nf_conntrack')
      .split('\n')
      .filter((line) => /udp .* dport=9 /.test(line));
    expect(entries).toHaveLength(2);
  });

  test('wakes up a few times for each question to a gateway, and for nothing else', async () => {
    await ready();
    const switches = () => Number(processStatus(container.pid!).get('voluntary_ctxt_switches'));
    const questions = await Capture.start(scene.router.namespace, 'net1', 'udp dst port 9');
    const before = switches();
    await eventually(() => expect(questions.frames().length).toBeGreaterThanOrEqual(20), 40 * SECOND);
    const wakeUps = switches() - before;
    const asked = (await questions.stop()).length;
    console.info(`${wakeUps} wake-ups for ${asked} questions, ${processStatus(container.pid!).get('VmRSS')}`);
    expect(wakeUps).toBeLessThanOrEqual(5 * asked);
  }, 60_000);
});
