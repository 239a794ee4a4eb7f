import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capture } from './lab/capture';
import { ask } from './lab/echo';
import type { Host } from './lab/host';
import { LAN, PODS, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Pod } from './lab/pod';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';
import { Stopped } from './support/stopped';

const TOOLS = ['ip', 'nft', 'tcpdump'];
const OTHER_POD = { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' };
const [FIRST_MAC, SECOND_MAC] = ['02:00:5e:10:00:01', '02:00:5e:10:00:02'];

const IPS = { ipv4: IPV4_ONLY, ipv6: IPV6_ONLY } as const;
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** A configuration that looks for other holders. */
const careful = (scene: Scene, ip: object, more: PluginConfig = {}) =>
  scene.config(ip, { detectConflicts: true, ...more });

const podOnSecondNode = (scene: Scene) => scene.lab.addNode('node2', LAN.secondNode).addPod('second', OTHER_POD);
const podOnSameNode = (scene: Scene) => scene.node.addPod('second', OTHER_POD);

/** A second router whose ADD fails, naming the first and how long it waited for it to leave. */
async function expectRefusal(scene: Scene, second: Pod, config: PluginConfig, says: RegExp): Promise<void> {
  const before = [networkState(second.namespace), networkState(second.node.namespace)];
  const stored = storedAttachments(scene.network);
  const answer = await second.call('ADD', config);
  const details = expect.stringContaining(`probed for ${config.conflictWait} s (conflictWait)`);
  expect(answer).toMatchObject({ status: 1, json: { code: 102, msg: expect.stringMatching(says), details } });
  expect([networkState(second.namespace), networkState(second.node.namespace)]).toEqual(before);
  expect(storedAttachments(scene.network)).toEqual(stored);
}

describeOnKernel('a second holder of a reserved address is refused', TOOLS, () => {
  test.each(FAMILIES.flatMap((family) => [0, 1].map((conflictWait) => ({ family, conflictWait }))))(
    'on another node, $family, conflictWait $conflictWait',
    async ({ family, conflictWait }) => {
      using scene = new Scene();
      const { json } = await scene.router.add(careful(scene, IPS[family]));
      const mac = json.interfaces![0]!.mac;
      const second = podOnSecondNode(scene);
      const says = new RegExp(`${RESERVED[family]} .*${mac}`);
      const begin = performance.now();
      await expectRefusal(scene, second, careful(scene, IPS[family], { conflictWait }), says);
      expect(performance.now() - begin).toBeGreaterThan(conflictWait * 1000);
      // The first one has not noticed.
      expect(await scene.router.call('CHECK', careful(scene, IPS[family]))).toMatchObject({ status: 0 });
    },
  );

  test.each(FAMILIES)('on another node, with another MAC, %s', async (family) => {
    using scene = new Scene();
    await scene.router.add(careful(scene, IPS[family], { mac: FIRST_MAC }));
    const config = careful(scene, IPS[family], { mac: SECOND_MAC, conflictWait: 0 });
    await expectRefusal(scene, podOnSecondNode(scene), config, new RegExp(`${RESERVED[family]} .*${FIRST_MAC}`));
  });

  test.each(FAMILIES)('any host of the LAN, %s', async (family) => {
    using scene = new Scene();
    const holder: Host = scene.lab.host('holder', LAN.outsider);
    holder.namespace.batch(`addr add ${RESERVED.ipv4}/24 dev lan0`, `addr add ${RESERVED.ipv6}/64 dev lan0 nodad`);
    const config = careful(scene, IPS[family], { conflictWait: 0 });
    await expectRefusal(scene, scene.router, config, new RegExp(`${RESERVED[family]} .*${holder.mac}`));
  });

  test.each(FAMILIES)('on the same node, with the same MAC, %s', async (family) => {
    using scene = new Scene();
    const { json } = await scene.router.add(careful(scene, IPS[family]));
    const config = careful(scene, IPS[family], { conflictWait: 0 });
    const says = new RegExp(`${RESERVED[family]} .*${json.interfaces![0]!.mac}`);
    await expectRefusal(scene, podOnSameNode(scene), config, says);
    // The kernel itself refuses, asked or not.
    await expectRefusal(scene, scene.node.addPod('third', PODS.third), { ...config, detectConflicts: false }, says);
  });

  test.each(FAMILIES)('on the same node, with another MAC, %s', async (family) => {
    using scene = new Scene();
    await scene.router.add(careful(scene, IPS[family], { mac: FIRST_MAC }));
    const config = careful(scene, IPS[family], { mac: SECOND_MAC, conflictWait: 0 });
    await expectRefusal(scene, podOnSameNode(scene), config, new RegExp(`${RESERVED[family]} .*${FIRST_MAC}`));
  });
});

describeOnKernel('two routers that start at once', TOOLS, () => {
  // From the same moment to one behind the other: each step of the first meets each step of the second.
  const DELAYS = [0, 5, 20, 50, 90, 140, 200, 250, 300, 400];

  test.each(FAMILIES)('exactly one wins, %s', async (family) => {
    using scene = new Scene();
    const pods = [scene.router, podOnSecondNode(scene)];
    const config = careful(scene, IPS[family], { conflictWait: 0 });
    const winners: number[] = [];
    for (const delay of DELAYS) {
      const starts = pods.map(async (pod, index) => {
        await sleep(index * delay);
        return pod.call('ADD', config);
      });
      winners.push((await Promise.all(starts)).filter(({ status }) => status === 0).length);
      for (const pod of pods) await pod.del(config);
    }
    expect(winners).toEqual(DELAYS.map(() => 1));
  });
});

describeOnKernel(
  'two routers that start at once, one of them stopped after its last check',
  [...TOOLS, 'strace'],
  () => {
    /** At which opening of a file, and which of the two wins. */
    const PLACES = [
      // Of the link's settings, which are written before it has the addresses.
      { place: 'before it has the addresses', file: 'ipv4/conf/net1/rp_filter', opening: 1, winner: 'second' },
      // Of the namespace's, which are read at the beginning, and written after.
      { place: 'before it announces them', file: 'ipv6/conf/all/forwarding', opening: 2, winner: 'first' },
    ] as const;

    const SECONDS = [
      { where: 'another node', place: podOnSecondNode, ip: DUAL_STACK },
      { where: 'another node, IPv6', place: podOnSecondNode, ip: IPV6_ONLY },
      { where: 'another node, another MAC', place: podOnSecondNode, ip: DUAL_STACK, mac: SECOND_MAC },
      { where: 'the same node, another MAC', place: podOnSameNode, ip: DUAL_STACK, mac: SECOND_MAC },
    ];

    /** More frames of a busy LAN than a socket has room for. */
    const chatter = (scene: Scene) => {
      const words = ['announce', 'lan0', '192.168.12.1,2001:db8:12::1', '1000', '0'];
      scene.lab.gateway.namespace.run(BUN, join(__dirname, 'support', 'packet-driver.ts'), ...words);
    };

    test.each(
      PLACES.flatMap((point) =>
        SECONDS.map(({ place: placeSecond, ...second }) => ({ ...point, ...second, placeSecond })),
      ),
    )('$place: the $winner wins, on $where', async ({ file, opening, winner, placeSecond, ip, mac }) => {
      using scene = new Scene();
      using stopped = new Stopped(scene, { call: 'openat', file: `/proc/sys/net/${file}`, ordinal: opening });
      const pods = { first: scene.router, second: placeSecond(scene) };
      const first = careful(scene, ip, { conflictWait: 0 });
      const configs = { first, second: mac === undefined ? first : { ...first, mac } };
      const before = networkState(pods.first.namespace);
      const added = pods.first.call('ADD', configs.first, { wrapper: stopped.wrapper });
      expect(await stopped.stands(added)).toBe(true);
      chatter(scene);
      const second = await pods.second.call('ADD', configs.second);
      stopped.goOn();
      const answers = { first: await added, second };
      const loser = winner === 'first' ? 'second' : 'first';
      expect(answers[winner]).toMatchObject({ status: 0 });
      const holder = answers[winner].json.interfaces![0]!.mac;
      expect(answers[loser]).toMatchObject({ status: 1, json: { code: 102, msg: expect.stringContaining(holder) } });
      if (loser === 'first') expect(networkState(pods.first.namespace)).toEqual(before);
      expect(await pods[winner].call('CHECK', configs[winner])).toMatchObject({ status: 0 });
    });
  },
);

describeOnKernel('a holder that is leaving is waited for', TOOLS, () => {
  test.each([
    ...FAMILIES.map((family) => ({ family, where: 'another node', place: podOnSecondNode })),
    ...FAMILIES.map((family) => ({ family, where: 'the same node', place: podOnSameNode })),
  ])('$family, on $where', async ({ family, place }) => {
    using scene = new Scene();
    await scene.serve();
    // Longer than a busy machine needs until the holder leaves.
    const config = careful(scene, IPS[family], { conflictWait: 60 });
    await scene.router.add(config);
    const second = place(scene);
    const address = RESERVED[family];
    const asks = family === 'ipv4' ? `who-has ${address}` : `who has ${address}`;
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', 'arp or icmp6');
    let isDone = false;
    const added = second.add(config).finally(() => {
      isDone = true;
    });
    // An ADD that does not wait ends with the first answer.
    const questions = () => capture.frames().filter(({ text }) => text.includes(asks));
    await eventually(() => expect(questions().length).toBeGreaterThan(3), 20_000);
    expect(isDone).toBe(false);
    await scene.router.del(config);
    await added;
    expect(await second.call('CHECK', config)).toMatchObject({ status: 0 });
    const reply = await ask(second.node.namespace, `tcp ${second[family]} 8080`);
    expect(reply).toMatchObject({ peer: RESERVED[family] });
  });
});

describeOnKernel('the LAN learns from announcements where the address is', TOOLS, () => {
  test.each(FAMILIES)('%s: a peer with a stale neighbour entry reaches the new holder', async (family) => {
    using scene = new Scene();
    await scene.serve();
    const gateway = scene.lab.gateway.namespace;
    const second = podOnSecondNode(scene);
    await scene.router.add(careful(scene, DUAL_STACK, { mac: FIRST_MAC }));
    await ask(scene.client.namespace, `tcp ${scene.router[family]} 8080`);
    const neighbour = () => gateway.run('ip', 'neigh', 'show', 'to', RESERVED[family]);
    expect(neighbour()).toContain(FIRST_MAC);
    await scene.router.del(careful(scene, DUAL_STACK));

    await second.add(careful(scene, DUAL_STACK, { mac: SECOND_MAC }));
    await eventually(() => expect(neighbour()).toContain(SECOND_MAC));
    const reply = await ask(second.node.namespace, `tcp ${second[family]} 8080`);
    expect(reply).toMatchObject({ peer: RESERVED[family] });
  });

  test("the switch's stale port entry, with the same MAC, is corrected", async () => {
    using scene = new Scene();
    const port = () =>
      (
        JSON.parse(scene.lab.lan.run('bridge', '-json', 'fdb', 'show', 'br', 'br0')) as {
          mac: string;
          ifname: string;
        }[]
      )
        .filter(({ mac }) => mac === FIRST_MAC)
        .map(({ ifname }) => ifname);
    const config = careful(scene, DUAL_STACK, { mac: FIRST_MAC });
    const second = podOnSecondNode(scene);
    await scene.router.add(config);
    const [before] = port();
    await scene.router.del(config);
    expect(port()).toEqual([before]);
    await second.add(config);
    await eventually(() => expect(port()).not.toEqual([before]));
    expect(port()).toHaveLength(1);
  });

  test('each address is announced as often as the configuration says', async () => {
    using scene = new Scene();
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', 'arp or icmp6');
    await scene.router.add(careful(scene, DUAL_STACK, { mac: FIRST_MAC, announcements: 2 }));
    const sent = (...words: string[]) =>
      capture.frames().filter(({ source, text }) => source === FIRST_MAC && words.every((word) => text.includes(word)));
    // The kernel adds its own when the link comes up.
    await eventually(() => {
      expect(sent(`who-has ${RESERVED.ipv4}`, `tell ${RESERVED.ipv4}`).length).toBeGreaterThanOrEqual(2);
      expect(sent(`Reply ${RESERVED.ipv4} is-at ${FIRST_MAC}`).length).toBeGreaterThanOrEqual(2);
      expect(sent('neighbor advertisement', RESERVED.ipv6).length).toBeGreaterThanOrEqual(2);
    });
  });
});
