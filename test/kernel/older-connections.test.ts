import { join } from 'node:path';
import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import type { Namespace } from './lab/namespace';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...BOTH_FAMILIES } = DUAL_STACK;

const FAMILIES = [
  { family: 'IPv4', pod: PODS.router.ipv4, reserved: RESERVED.ipv4, servers: ['203.0.113.26', '203.0.113.27'] },
  { family: 'IPv6', pod: PODS.router.ipv6, reserved: RESERVED.ipv6, servers: ['2001:db8:113::26', '2001:db8:113::27'] },
] as const;

/** Any table with `ct` makes the kernel track the pod's connections, as a mesh's does. */
const TRACKING = 'add table inet mesh; add chain inet mesh in { type filter hook input priority 0; }';
const TRACKED = `${TRACKING}; add rule inet mesh in ct state established accept`;

const ATTEMPT = join(__dirname, 'lab/programs/attempt.py');

describe.each(FAMILIES)('$family', ({ family, pod, reserved, servers: [first, second] }) => {
  describeOnKernel(
    'connections that are older than the rules',
    ['ip', 'nft', 'conntrack', 'busybox', 'python3'],
    () => {
      let scene: Scene;

      beforeEach(async () => {
        scene = new Scene();
        const services = [first, second].flatMap((server) => [`tcp ${server} 80`, `udp ${server} 80`] as const);
        await startLinesServer(scene.server, ...services);
      });

      afterEach(() => scene[Symbol.dispose]());

      const from = (server: string, source: string = reserved) => `${server} 80 ${source}`;
      const rules = (...destinations: string[]) => scene.config({ ...BOTH_FAMILIES, destinations });
      const talk = (protocol: 'tcp' | 'udp', port: number) =>
        Conversation.open(scene.client.namespace, `${protocol} ${pod} ${port}`);

      /** An echo request and its answer. */
      const ping = (from: Namespace, to: string) =>
        from.run('busybox', family === 'IPv4' ? 'ping' : 'ping6', '-c', '1', '-W', '3', to);
      const pingClient = () => ping(scene.router.namespace, scene.client[family === 'IPv4' ? 'ipv4' : 'ipv6']);

      /** Lines of a list of the connections in the pod. */
      const connections = (...filter: string[]) =>
        scene.router.namespace
          .run('conntrack', '-L', '-f', family.toLowerCase(), ...filter)
          .split('\n')
          .filter((line) => line !== '');

      test('a UDP flow that began before ADD takes its rule', async () => {
        scene.router.namespace.run('nft', TRACKED);
        const flow = await talk('udp', 8080);
        flow.send('?');
        await eventually(() => expect(connections('-p', 'udp')).toHaveLength(1));
        expect(flow.log).toEqual(['open']);
        await scene.router.add(rules(`8080 UDP ${first} 80`));
        expect(await flow.ask()).toBe(from(first));
      });

      test('a TCP connection to the pod that began before ADD is reset', async () => {
        scene.router.namespace.run('nft', TRACKED);
        await startLinesServer(scene.router.namespace, `tcp ${pod} 8080`);
        const held = await talk('tcp', 8080);
        expect(await held.ask()).toMatch(`${pod} 8080`);
        await scene.router.add(rules(`8080 TCP ${first} 80`));
        expect(await held.ask()).toBe('error ECONNRESET');
        expect(await (await talk('tcp', 8080)).ask()).toBe(from(first));
      });

      test('a UDP flow takes the rules of a new ADD, and DEL leaves no connection of the address', async () => {
        const [before, after] = [rules(`8080 UDP ${first} 80`, second), rules(`8080 UDP ${second} 80`, second)];
        await scene.router.add(before);
        const flow = await talk('udp', 8080);
        expect(await flow.ask()).toBe(from(first));
        ping(scene.client.namespace, pod);
        // The pod's own connection on the cluster network belongs to another program.
        pingClient();
        scene.router.namespace.run('nft', TRACKED);
        const icmp = family === 'IPv4' ? 'icmp' : 'icmpv6';
        expect(connections('-p', icmp)).toHaveLength(2);
        await scene.router.del(before);
        expect(connections('-p', 'udp')).toEqual([]);
        expect(connections('-p', icmp)).toHaveLength(1);
        await scene.router.add(after);
        expect(await flow.ask()).toBe(from(second));
      });

      test('GC leaves no connection of the address', async () => {
        const config = rules(`8080 UDP ${first} 80`);
        await scene.router.add(config);
        const flow = await talk('udp', 8080);
        expect(await flow.ask()).toBe(from(first));
        scene.router.namespace.run('nft', TRACKED);
        const collected = await scene.router.call('GC', { ...config, 'cni.dev/valid-attachments': [] });
        expect(collected).toMatchObject({ status: 0 });
        expect(connections('-p', 'udp')).toEqual([]);
      });

      test('a flow of a router that ended without DEL gets the reserved address of the next one', async () => {
        await scene.router.add(rules(`8080 UDP ${first} 80`));
        const flow = await talk('udp', 8080);
        expect(await flow.ask()).toBe(from(first));
        const { namespace } = scene.router;
        namespace.run('nft', `${TRACKED}; delete table inet egress_router`);
        namespace.batch('link del net1', 'rule flush protocol 101');
        namespace.run('ip', '-6', 'rule', 'flush', 'protocol', '101');
        for (const option of ['-4', '-6']) {
          namespace.run('ip', option, 'route', 'del', 'unreachable', 'default', 'table', '100', 'metric', '4294967295');
          namespace.run('ip', option, 'route', 'flush', 'table', '101');
        }
        expect(connections('-p', 'udp')).toHaveLength(1);
        const addresses = ['192.168.12.98/24', '2001:db8:12::98/64'];
        const ip = { ...BOTH_FAMILIES, addresses, destinations: [`8080 UDP ${first} 80`] };
        await scene.router.add(scene.config(ip));
        expect(await flow.ask()).toBe(from(first, reserved.replace('99', '98')));
      });

      test('ADD leaves connections of other programs, and their marks', async () => {
        scene.router.namespace.run('nft', TRACKED);
        pingClient();
        const icmp = family === 'IPv4' ? 'icmp' : 'icmpv6';
        scene.router.namespace.run('conntrack', '-U', '-f', family.toLowerCase(), '-p', icmp, '-m', '7');
        await scene.router.add(rules(`8080 UDP ${first} 80`));
        expect(connections('-p', icmp, '-m', '7')).toHaveLength(1);
      });

      test('CHECK names connections of clients that contradict the rules, and no other ones', async () => {
        const config = rules(`8080 UDP ${first} 80`);
        await scene.router.add(config);
        const flow = await talk('udp', 8080);
        expect(await flow.ask()).toBe(from(first));
        expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
        pingClient();
        const mark = (value: number, ...filter: string[]) =>
          scene.router.namespace.run('conntrack', '-U', '-f', family.toLowerCase(), ...filter, '-m', String(value));
        mark(7, '-p', family === 'IPv4' ? 'icmp' : 'icmpv6');
        expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
        // A process of the pod, without privileges, to the port of a rule: the datagram never leaves the pod.
        for (const source of [pod, reserved]) {
          scene.router.namespace.run('python3', ATTEMPT, 'udp', pod, '8080', `address=${source}`);
        }
        expect(connections('-p', 'udp')).toHaveLength(3);
        expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
        mark(7, '-p', 'udp', '-s', scene.client[family === 'IPv4' ? 'ipv4' : 'ipv6']);
        const { status, json } = await scene.router.call('CHECK', config);
        expect({ status, ...json }).toMatchObject({
          status: 1,
          code: 109,
          details: expect.stringMatching(/^connections that contradict the rules: 1;/),
        });
        scene.router.namespace.run('conntrack', '-D', '-f', family.toLowerCase(), '-p', 'udp');
        await eventually(async () => expect((await scene.router.call('CHECK', config)).status).toBe(0));
      });
    },
  );
});
