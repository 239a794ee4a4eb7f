import { ask } from '../lab/echo';
import { PODS, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import type { Pod } from '../lab/pod';
import { Scene } from '../lab/scene';
import { fromNode, idsOf } from '../support/doctor';
import { eventually } from '../support/eventually';
import { hold } from '../support/hold';
import { describeOnKernel } from '../support/requires';

const LIMIT = 20;
const FLOOD = 60;
const NAMED = { ipv4: '203.0.113.26', ipv6: '2001:db8:113::26' } as const;
/** The router's ports; 8443 and 8080 lead to different ports of one server. */
const PORT = { tcp: 8443, udp: 80 } as const;
const CASES = (['ipv4', 'ipv6'] as const).flatMap((family) =>
  (['tcp', 'udp'] as const).map((protocol) => [family, protocol] as const),
);

describeOnKernel('a client with many connections', ['ip', 'nft', 'python3'], () => {
  let scene: Scene;
  let second: Pod;
  let config: ReturnType<Scene['config']>;
  let prevResult: object;
  beforeAll(async () => {
    scene = new Scene();
    await scene.serve();
    second = scene.node.addPod('second', PODS.third);
    config = scene.config(DUAL_STACK, { connectionsPerClient: LIMIT, connectionTimeouts: { udp: 1, udpStream: 1 } });
    prevResult = JSON.parse((await scene.router.add(config)).stdout);
  }, 60_000);
  afterAll(() => scene?.[Symbol.dispose]());

  test.each(CASES)(
    'it gets as many as the limit over %s by %s, and other clients work',
    async (family, protocol) => {
      const service = `${protocol} ${PODS.router[family]} ${PORT[protocol]}` as const;
      const flood = await hold(scene.client.namespace, protocol, PODS.router[family], PORT[protocol], FLOOD);
      try {
        expect(flood.count).toBe(LIMIT);
        expect(await ask(second.namespace, service)).toMatchObject({ peer: RESERVED[family] });
        // Another port of the same server, and of the same client.
        const other = `tcp ${PODS.router[family]} 8080` as const;
        expect(await ask(scene.client.namespace, other)).toMatchObject({ peer: RESERVED[family] });
      } finally {
        await flood.end();
      }
      // Ended ones do not count: as many are possible again.
      await eventually(async () => {
        const again = await hold(scene.client.namespace, protocol, PODS.router[family], PORT[protocol], LIMIT);
        await again.end();
        expect(again.count).toBe(LIMIT);
      }, 20_000);
    },
    60_000,
  );

  test('CHECK does not compare what the kernel counts', async () => {
    const flood = await hold(scene.client.namespace, 'tcp', PODS.router.ipv4, PORT.tcp, FLOOD);
    const counted = scene.router.namespace.run('nft', 'list', 'set', 'inet', 'egress_router', 'clients4');
    expect(counted).toContain(`${PODS.client.ipv4} . tcp . ${NAMED.ipv4} . 443 ct count over ${LIMIT}`);
    const rules = scene.router.namespace.run('nft', 'list', 'chain', 'inet', 'egress_router', 'postrouting');
    expect(rules).toMatch(/@clients4 .* counter packets [1-9]\d* bytes \d+ drop$/m);
    expect(await scene.router.call('CHECK', { ...config, prevResult })).toMatchObject({ status: 0, stdout: '' });
    await flood.end();
  });

  test('doctor names the client while it is at its limit', async () => {
    const flood = await hold(scene.client.namespace, 'tcp', PODS.router.ipv4, PORT.tcp, FLOOD);
    const found = fromNode(scene, config);
    await flood.end();
    expect(idsOf(found)).toEqual(['client-limited']);
    const [{ problem, details }] = found.findings as [(typeof found.findings)[number]];
    expect(problem).toMatch(
      /^Clients have as many connections as connectionsPerClient \(20\) admits; [1-9]\d* packets that would begin further ones were dropped since the table was made\.$/,
    );
    expect(details).toEqual([`${PODS.client.ipv4}: ${LIMIT} connections to ${NAMED.ipv4} tcp 443`]);
    await eventually(() => expect(idsOf(fromNode(scene, config))).toEqual([]), 20_000);
  }, 60_000);

  test('CHECK names a missing limit', async () => {
    const rules = scene.router.namespace.run('nft', '-a', 'list', 'chain', 'inet', 'egress_router', 'postrouting');
    const handle = /@clients6.*# handle (\d+)/.exec(rules)![1]!;
    scene.router.namespace.run('nft', 'delete', 'rule', 'inet', 'egress_router', 'postrouting', 'handle', handle);
    const { status, stdout } = await scene.router.call('CHECK', { ...config, prevResult });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).details ?? JSON.parse(stdout).msg).toContain('rule 2 of chain postrouting is missing');
  });

  test('connections of the pod itself are not counted', async () => {
    const own = await hold(scene.router.namespace, 'udp', '203.0.113.25', 80, FLOOD, RESERVED.ipv4);
    expect(own.count).toBe(FLOOD);
    await own.end();
  });
});
