import { Capture } from './lab/capture';
import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import { ForeignConnections } from './support/foreign-connections';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...BOTH_FAMILIES } = DUAL_STACK;

const FAMILIES = [
  {
    family: 'IPv4',
    pod: PODS.router.ipv4,
    client: PODS.client.ipv4,
    reserved: RESERVED.ipv4,
    servers: ['203.0.113.26', '203.0.113.27'],
  },
  {
    family: 'IPv6',
    pod: PODS.router.ipv6,
    client: PODS.client.ipv6,
    reserved: RESERVED.ipv6,
    servers: ['2001:db8:113::26', '2001:db8:113::27'],
  },
] as const;

describe.each(FAMILIES)('$family', ({ family, pod, client, reserved, servers: [first, second] }) => {
  describeOnKernel('connections across a change of rules', ['ip', 'nft', 'conntrack', 'tcpdump', BUN], () => {
    let router: LiveRouter;

    beforeEach(async () => {
      router = new LiveRouter(BOTH_FAMILIES);
      await startLinesServer(
        router.scene.server,
        ...[first, second].flatMap((server) => [`tcp ${server} 80`, `udp ${server} 80`] as const),
      );
    });

    afterEach(() => router[Symbol.dispose]());

    const from = (server: string) => `${server} 80 ${reserved}`;
    const talk = (protocol: 'tcp' | 'udp', port: number, sourcePort?: number) =>
      Conversation.open(router.scene.client.namespace, `${protocol} ${pod} ${port}`, sourcePort);

    /** Sends a datagram, and sees it in the pod: a late answer is taken for that to the next one. */
    async function unanswered(flow: Conversation): Promise<void> {
      const known = flow.log.length;
      const arrived = await Capture.start(router.scene.router.namespace, 'eth0', 'udp');
      flow.send('?');
      await arrived.first();
      await arrived.stop();
      expect(flow.log).toHaveLength(known);
    }

    test('a TCP connection of a removed rule is reset at its next packet, and others do not notice', async () => {
      await router.add([`8080 TCP ${first} 80`, `8081 TCP ${first} 80`]);
      await router.start();
      const [removed, other] = [await talk('tcp', 8080), await talk('tcp', 8081)];
      expect([await removed.ask(), await other.ask()]).toEqual([from(first), from(first)]);

      expect(await router.change([`8081 TCP ${first} 80`])).toMatchObject({ outcome: 'success', changedRules: 1 });
      expect(await removed.ask()).toBe('error ECONNRESET');
      expect(await other.ask()).toBe(from(first));
      expect(other.log).toEqual(['open', from(first), from(first)]);
    });

    test('a TCP connection of a rule that leads elsewhere is reset, and the next one gets there', async () => {
      await router.add([`8080 TCP ${first} 80`]);
      await router.start();
      const held = await talk('tcp', 8080);
      expect(await held.ask()).toBe(from(first));
      await router.change([`8080 TCP ${second} 80`]);
      expect(await held.ask()).toBe('error ECONNRESET');
      expect(await (await talk('tcp', 8080)).ask()).toBe(from(second));
    });

    test('a TCP client that was refused gets to the rule that comes, from the port that it called from', async () => {
      await router.add([`8081 TCP ${first} 80`]);
      await router.start();
      const refused = Conversation.begin(router.scene.client.namespace, `tcp ${pod} 8080`, 40_000);
      await refused.hears('error ECONNREFUSED');
      expect(router.connections('--orig-port-dst', '8080', '-p', 'tcp', '-f', family.toLowerCase())).toEqual([]);
      await router.change([`8080 TCP ${first} 80`, `8081 TCP ${first} 80`]);
      expect(await (await talk('tcp', 8080, 40_000)).ask()).toBe(from(first));
    });

    test('a TCP connection of a fallback is reset where a rule comes to its port, and others do not notice', async () => {
      await router.add([`8081 TCP ${first} 80`, first]);
      await router.start();
      const [taken, other] = [await talk('tcp', 80), await talk('tcp', 8081)];
      const [flow, fallback] = [await talk('udp', 80), await talk('udp', 80)];
      for (const each of [taken, other, flow, fallback]) expect(await each.ask()).toBe(from(first));
      await router.change([`80 TCP ${second} 80`, `8081 TCP ${first} 80`, first]);
      expect(await taken.ask()).toBe('error ECONNRESET');
      for (const each of [other, flow, fallback]) expect(await each.ask()).toBe(from(first));
      expect(await (await talk('tcp', 80)).ask()).toBe(from(second));
    });

    test('packets of a removed rule are no longer forwarded', async () => {
      await router.add([`8080 TCP ${first} 80`, `8081 TCP ${first} 80`]);
      await router.start();
      const held = await talk('tcp', 8080);
      expect(await held.ask()).toBe(from(first));
      await router.change([`8081 TCP ${first} 80`]);
      const capture = await Capture.start(router.scene.router.namespace, 'net1', 'tcp');
      expect(await held.ask()).toBe('error ECONNRESET');
      await talk('tcp', 8081);
      // What the server hears first is the other connection.
      expect((await capture.first()).text).toMatch(/ Flags \[S\],/);
      await capture.stop();
      expect(router.connections('--mark', '1')).toEqual([]);
    });

    test.each([
      ['a TCP rule', `8080 TCP ${first} 80`, 8080],
      ['an SCTP rule, which needs a list of all connections', `8080 SCTP ${first} 80`, undefined],
      ['a fallback', first, 80],
    ])('connections of other programs with the mark of %s that goes live on', async (_name, removed, port) => {
      // Rules get their marks by their place, fallbacks after them.
      const mark = port === 80 ? 2 : 1;
      const kept = `8081 TCP ${first} 80`;
      await router.add(port === 80 ? [kept, removed] : [removed, kept]);
      await router.start();
      const held = port === undefined ? undefined : await talk('tcp', port);
      // To a port of its own a fallback redirects new connections.
      const toPod = port === 80 ? [] : [{ to: 'pod', address: pod, port: 15_008, mark } as const];
      const foreign = await ForeignConnections.open(router.scene.router.namespace, router.scene.client.namespace, [
        { to: 'client', address: client, port: 15_001, mark },
        ...toPod,
      ]);
      const answers = [`${client} 15001`, ...toPod.map(() => `${pod} 15008`)];
      expect(await foreign.ask()).toEqual(answers);
      const before = foreign.identities();
      expect(before.join()).not.toContain('gone');

      await router.change([kept]);
      await router.looksAgain();
      if (held !== undefined) expect(await held.ask()).toBe('error ECONNRESET');
      expect(foreign.identities()).toEqual(before);
      // A process that starts looks at all connections, and knows of no removed rule.
      await router.kill();
      await router.start();
      await router.looksAgain();
      expect(foreign.identities()).toEqual(before);
      expect(await foreign.ask()).toEqual(answers);
    });

    test.each([
      ['a rule that leads elsewhere', [`8080 UDP ${first} 80`], from(first)],
      ['a rule that comes', [`8081 UDP ${first} 80`], undefined],
      ['a rule in the place of a fallback', [`8081 UDP ${first} 81`, first], undefined],
    ])('a UDP flow that keeps sending takes %s with its next datagram', async (_name, before, answer) => {
      await router.add(before);
      await router.start();
      const flow = await talk('udp', 8080);
      if (answer === undefined) await unanswered(flow);
      else expect(await flow.ask()).toBe(answer);
      await router.change([`8080 UDP ${second} 80`]);
      expect(await flow.ask()).toBe(from(second));
    });

    test('a UDP flow whose rule goes takes the fallback that comes, and the next one', async () => {
      await router.add([`8080 UDP ${first} 8081`]);
      await router.start();
      const flow = await talk('udp', 80);
      await unanswered(flow);
      await router.change([`8080 UDP ${first} 8081`, first]);
      expect(await flow.ask()).toBe(from(first));
      await router.change([`8080 UDP ${first} 8081`, second]);
      expect(await flow.ask()).toBe(from(second));
      await router.change([`8080 UDP ${first} 8081`]);
      await unanswered(flow);
    });
  });
});
