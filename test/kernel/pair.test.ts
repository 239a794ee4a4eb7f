import { ask } from './lab/echo';
import { RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import { eventually } from './support/eventually';
import { type PairPod, PairScene, SECOND_POD, STANDBY_MAC } from './support/pair-scene';
import { describeOnKernel } from './support/requires';

describeOnKernel('a pair', ['ip', 'nft', 'openssl', 'curl', 'tcpdump'], () => {
  const asked = ({ scene }: PairScene, { pod }: PairPod) =>
    ask(scene.client.namespace, `tcp ${pod.ipv4} 8080`, { milliseconds: 2000 });
  const answered = { peer: RESERVED.ipv4 };

  test('has one holder, to which all of its slices lead, and a standby that is ready', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    expect(await asked(pair, first)).toMatchObject(answered);
    expect((await asked(pair, second)).error).toBeDefined();
    await eventually(() => expect(pair.leadsTo()).toEqual({ bank: [first.pod.ipv4], shop: [first.pod.ipv4] }));
    await eventually(() => expect(first.readyz()).toMatch(/^\[\+\]pair \(holder, epoch 1\) ok$/m));
    await eventually(() =>
      expect(second.readyz()).toMatch(/pair \(standby, epoch 1, holder pod-a\) ok\n\[\+\]sync ok\nreadyz check passed/),
    );
    expect([first.macOnLan(), second.macOnLan()]).toEqual(['e2:65:c0:a8:0c:63', STANDBY_MAC]);
    for (const { pod } of pair.pods) expect(await pod.call('CHECK', pair.config)).toMatchObject({ status: 0 });
  });

  test.each([
    ['IPv4', IPV4_ONLY],
    ['IPv6', IPV6_ONLY],
    ['dual stack', DUAL_STACK],
  ])('moves when a node loses power, %s', async (_name, ip) => {
    using pair = new PairScene(ip);
    await pair.start();
    const [first, second] = pair.pods;
    pair.powerOff(first);
    await second.becomes('holder');
    await eventually(() => expect(pair.leadsTo()).toEqual({ bank: [SECOND_POD.ipv4], shop: [SECOND_POD.ipv4] }));
    expect(await second.pod.call('CHECK', pair.config)).toMatchObject({ status: 0 });
    if (ip !== IPV6_ONLY) expect(await pair.askFrom(second)).toMatchObject(answered);
  });

  test('moves before a pod that is deleted ends, and the pod leaves nothing on the LAN', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    first.signal('SIGTERM');
    await second.becomes('holder');
    await first.ended;
    expect(first.roles).toEqual(['standby', 'probing', 'holder', 'resigned', 'ended']);
    expect(first.macOnLan()).toBeUndefined();
    expect(await pair.askFrom(second)).toMatchObject(answered);
  });

  test('moves when the LAN cable of the holder is pulled, and does not come back', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    pair.cables(first, 'down', 'lan0');
    await second.becomes('holder');
    pair.cables(first, 'up', 'lan0');
    await first.becomes('standby', 2);
    expect(await pair.askFrom(second)).toMatchObject(answered);
    expect(second.roles.at(-1)).toBe('holder');
  });

  test('does not move while the LAN joins both, and the cluster network does not', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    pair.cables(second, 'down', 'cl0');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect([first.roles.at(-1), second.roles.at(-1)]).toEqual(['holder', 'standby']);
    expect(await asked(pair, first)).toMatchObject(answered);
  });

  test('moves when the holder is cut off from the cluster network and the API server', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    pair.cables(first, 'down', 'cl0');
    await second.becomes('holder');
    expect(first.roles).toContain('resigned');
  });

  test('does not move when the process of the holder is killed, and goes on with the next one', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    first.signal('SIGKILL');
    await first.ended;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await asked(pair, first)).toMatchObject(answered);
    first.start();
    await eventually(() => expect(first.readyz()).toMatch(/^\[\+\]pair \(holder, epoch 1\) ok$/m));
    expect(second.roles).toEqual(['standby']);
  });

  test('is mute once a frozen holder goes on, which another pod has replaced', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    first.signal('SIGSTOP');
    pair.cables(first, 'down', 'lan0', 'cl0');
    await second.becomes('holder');
    const seen = pair.framesOfHolder(first);
    pair.cables(first, 'up', 'lan0', 'cl0');
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.signal('SIGCONT');
    await first.becomes('standby', 2);
    expect(await seen()).toEqual([]);
    expect(await pair.askFrom(second)).toMatchObject(answered);
  });

  test('moves while the API server is down, and the slices follow when it is back', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    pair.api('down');
    pair.powerOff(first);
    await second.becomes('holder');
    expect(await pair.askFrom(second)).toMatchObject(answered);
    await eventually(() => expect(second.readyz()).toMatch(/^\[!\]pair .*API server/m));
    pair.api('up');
    await eventually(
      () => expect(pair.leadsTo()).toEqual({ bank: [SECOND_POD.ipv4], shop: [SECOND_POD.ipv4] }),
      15_000,
    );
  });

  test('moves when the kernel no longer refuses the MAC address, and is not mute then', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    const free = pair.useHolderMac(second);
    pair.powerOff(first);
    await eventually(() =>
      expect(second.lines).toContainEqual(expect.objectContaining({ message: 'the kernel refuses the link' })),
    );
    await eventually(() => expect(second.readyz()).toMatch(/the kernel refuses net1 as held: .*EADDRINUSE/));
    free();
    await eventually(async () => {
      expect(second.roles.at(-1)).toBe('holder');
      expect(await pair.askFrom(second)).toMatchObject(answered);
    }, 15_000);
    expect(pair.leadsTo()).toMatchObject({ bank: [SECOND_POD.ipv4] });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(second.roles.at(-1)).toBe('holder');
    expect(await pair.askFrom(second)).toMatchObject(answered);
  });

  test('refuses and counts beats that the key did not sign', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    second.namespace.run(
      'python3',
      '-c',
      `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x' * 100, ('${first.pod.ipv4}', 10870))`,
    );
    await eventually(() =>
      expect(first.metrics()).toMatch(/^egress_router_pair_refused_beats_total\{reason="forged"\} 1$/m),
    );
    expect([first.roles.at(-1), second.roles.at(-1)]).toEqual(['holder', 'standby']);
  });

  test('begins with one holder when both pods start at once', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.startAtOnce();
    await eventually(() => {
      const roles = pair.pods.map((pod) => pod.roles.at(-1));
      expect(roles.sort()).toEqual(['holder', 'standby']);
    }, 15_000);
    const holder = pair.pods.find((pod) => pod.roles.at(-1) === 'holder')!;
    expect(await pair.askFrom(holder)).toMatchObject(answered);
  });
});
