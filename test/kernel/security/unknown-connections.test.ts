import { Capture, type Frame } from '../lab/capture';
import { Conversation } from '../lab/conversation';
import { ask } from '../lab/echo';
import { macOf } from '../lab/host';
import { LAN, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { eventually } from '../support/eventually';
import { sendIp } from '../support/ip-frames';
import { LateServer } from '../support/late-server';
import { describeOnKernel } from '../support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const SERVER = { ipv4: '203.0.113.26', ipv6: '2001:db8:113::26' } as const;
const DNS = { ipv4: '203.0.113.25', ipv6: '2001:db8:113::25' } as const;
const TOOLS = ['ip', 'nft', 'tcpdump', 'python3', 'conntrack'];
const ACK = 0x10;
/** Types of SCTP chunks that a peer may send first after the router has forgotten its association. */
const [DATA, INIT, SACK, HEARTBEAT, ABORT, SHUTDOWN, COOKIE_ECHO] = [0, 1, 3, 4, 6, 7, 10];
const ANSWERED = [INIT, HEARTBEAT];
const UNANSWERED = [DATA, SACK, ABORT, SHUTDOWN, COOKIE_ECHO];

/** The router loses its connections, as a new pod does not have the old one's. */
function forget({ router }: Scene): void {
  router.namespace.run('conntrack', '-F');
}

describeOnKernel('a packet of a connection that the router does not know', TOOLS, () => {
  test.each(FAMILIES)('%s: a TCP server is reset at once', async (family) => {
    using scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const server = await LateServer.start(scene.server, `tcp ${SERVER[family]} 443`);
    await Conversation.open(scene.client.namespace, `tcp ${scene.router[family]} 8443`);
    expect(await server.peer()).toBe(RESERVED[family]);
    forget(scene);
    const seen = await Capture.start(scene.router.namespace, 'net1', 'tcp');
    expect(await server.send('late')).toBe('ECONNRESET');
    const [late, answer, ...more] = (await seen.stop()).map(flagsOf);
    // One question, one answer: the server waits for one round trip, and for no retransmission.
    expect([late, answer, more]).toEqual(['P.', 'R', []]);
  });

  test.each(FAMILIES)('%s: a UDP server hears that the port is closed', async (family) => {
    using scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const server = await LateServer.start(scene.server, `udp ${DNS[family]} 80`);
    const client = await Conversation.open(scene.client.namespace, `udp ${scene.router[family]} 80`);
    client.send('?');
    expect(await server.peer()).toBe(RESERVED[family]);
    forget(scene);
    expect(await server.send('late')).toBe('ECONNREFUSED');
  });

  test.each(FAMILIES)('%s: a segment outside of the window does not end a connection that lives', async (family) => {
    using scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const server = await LateServer.start(scene.server, `tcp ${SERVER[family]} 443`);
    const seen = await Capture.start(scene.router.namespace, 'net1', 'tcp');
    const client = await Conversation.open(scene.client.namespace, `tcp ${scene.router[family]} 8443`);
    const { text } = await seen.first((frame) => flagsOf(frame) === 'S.');
    const [, sequence, acknowledgement] = /seq (\d+), ack (\d+)/.exec(text)!.map(Number);
    const port = Number(/\.(\d+): Flags/.exec(text)![1]);
    const mac = macOf(scene.router.namespace, 'net1');
    const frame = { link: 'lan0', mac, source: SERVER[family], destination: RESERVED[family] };
    for (const distance of [5_000_000, -5_000_000, 2 ** 30]) {
      const late = ['tcp', 443, port, ACK, sequence! + distance, acknowledgement!] as const;
      sendIp(scene.lab.gateway.namespace, frame, late);
    }
    expect(await server.send('still there')).toBe('silence');
    await client.hears('still there');
    client.send('and here');
    expect(await server.send('again')).toBe('and here');
    expect((await seen.stop()).filter((each) => /R/.test(flagsOf(each)))).toEqual([]);
  });

  test.each(FAMILIES)(
    '%s: connections that live do so, where a table of others has notrack',
    async (family) => {
      using scene = new Scene();
      await scene.router.add(scene.config(DUAL_STACK));
      const { client, server, router } = scene;
      const web = await LateServer.start(server, `tcp ${SERVER[family]} 443`);
      const dns = await LateServer.start(server, `udp ${DNS[family]} 80`);
      const browser = await Conversation.open(client.namespace, `tcp ${router[family]} 8443`);
      const resolver = await Conversation.open(client.namespace, `udp ${router[family]} 80`);
      resolver.send('?');
      await Promise.all([web.peer(), dns.peer()]);
      router.namespace.run(
        'nft',
        'table inet foreign { chain early { type filter hook prerouting priority raw; iifname "net1" notrack; }; }',
      );
      expect(await Promise.all([web.send('untracked'), dns.send('untracked')])).toEqual(['silence', 'silence']);
      router.namespace.run('nft', 'delete table inet foreign');
      // TCP repeats it.
      await browser.hears('untracked', 15_000);
      expect(await dns.send('again')).toBe('silence');
      await resolver.hears('again');
    },
    60_000,
  );

  test.each(FAMILIES)('%s: an SCTP host hears of INIT and HEARTBEAT alone that the port is closed', async (family) => {
    using scene = new Scene();
    const rule = `3868 SCTP ${SERVER[family]} 3868`;
    await scene.router.add(scene.config({ ...DUAL_STACK, destinations: [...DUAL_STACK.destinations, rule] }));
    const host = scene.lab.host('peer', LAN.outsider);
    const mac = macOf(scene.router.namespace, 'net1');
    const answers = await Capture.start(host.namespace, 'lan0', `src host ${RESERVED[family]} and not tcp`);
    const frame = { link: 'lan0', mac, source: host[family], destination: RESERVED[family] };
    const unreachable = () => answers.frames().filter(({ text }) => /unreachable/.test(text)).length;
    sendIp(host.namespace, { ...frame, count: UNANSWERED.length }, ['sctp', 30_000, 3868, ...UNANSWERED]);
    // UDP is answered in any case: then nothing of SCTP is still on its way.
    sendIp(host.namespace, frame, ['udp', 40_000, 3868]);
    await eventually(() => expect(unreachable()).toBe(1));
    sendIp(host.namespace, { ...frame, count: ANSWERED.length }, ['sctp', 31_000, 3868, ...ANSWERED]);
    await eventually(() => expect(unreachable()).toBe(1 + ANSWERED.length));
    await answers.stop();
  });

  test.each(FAMILIES)('%s: a LAN host gets no answer to a SYN, and opens nothing', async (family) => {
    using scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const attacker = scene.lab.host('attacker', LAN.outsider);
    const asked = await ask(attacker.namespace, `tcp ${RESERVED[family]} 8443`, { milliseconds: 700 });
    expect(asked).toEqual({ error: 'timeout' });
    // Control: another segment is answered as by any host.
    const mac = macOf(scene.router.namespace, 'net1');
    const answers = await Capture.start(attacker.namespace, 'lan0', `tcp and src host ${RESERVED[family]}`);
    const frame = { link: 'lan0', mac, source: attacker[family], destination: RESERVED[family] };
    sendIp(attacker.namespace, frame, ['tcp', 45_000, 8443, ACK, 1, 1]);
    await answers.first();
    expect((await answers.stop()).map(flagsOf)).toEqual(['R']);
  });
});

/** Such as `S.` for SYN and ACK. */
function flagsOf({ text }: Frame): string {
  return /Flags \[([^\]]*)\]/.exec(text)?.[1] ?? text;
}
