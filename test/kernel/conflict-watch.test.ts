import { once } from 'node:events';
import { join } from 'node:path';
import { arpAnnouncement, arpProbe } from '../../cni/packet/arp';
import { duplicateSolicitation, multicastMac, unsolicitedAdvertisement } from '../../cni/packet/neighbour-discovery';
import { macToBytes } from '../../src/domain/values/mac-address';
import { jsonLines } from '../support/json-lines';
import { ip } from '../support/recorded-frame';
import { Capture, type Frame } from './lab/capture';
import { Host } from './lab/host';
import { LAN, RESERVED } from './lab/layout';
import type { Namespace } from './lab/namespace';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel, PLUGIN } from './support/requires';

const TOOLS = ['ip', 'nft', 'tcpdump', BUN];
const OWN_MAC = '02:00:5e:10:00:01';
const FAMILIES = ['ipv4', 'ipv6'] as const;
type FamilyName = (typeof FAMILIES)[number];

/** Seconds of the watch: as they are, and so short that a minute of them is bearable. */
const [REAL, SHORT] = [1000, 50];

const PACKET_DRIVER = join(__dirname, 'support/packet-driver.ts');
const CONFLICT_DRIVER = join(__dirname, 'support/conflict-driver.ts');

interface Line {
  readonly conflicts?: number;
  readonly problem?: string;
  readonly message?: string;
  readonly mac?: string;
}

/** The watch of a router, and what it says. */
class Watch {
  private text = '';

  private constructor(private readonly complain: () => string) {}

  public static async start(
    namespace: Namespace,
    second: number,
    addresses: readonly string[] = Object.values(RESERVED),
  ): Promise<Watch> {
    const words = [BUN, CONFLICT_DRIVER, 'net1', addresses.join(), String(second)];
    const child = namespace.start(words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      complaint += part;
    });
    const watch = new Watch(() => complaint);
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      watch.text += part;
    });
    await watch.until(({ conflicts }) => conflicts === 0);
    return watch;
  }

  public get lines(): Line[] {
    return jsonLines<Line>(this.text);
  }

  /** What it found at last. */
  public get found(): Line {
    return this.lines.filter(({ conflicts }) => conflicts !== undefined).at(-1)!;
  }

  public get warnings(): Line[] {
    return this.lines.filter(({ message }) => message?.startsWith('another host uses'));
  }

  /** Waits for a line. */
  public async until(isWanted: (line: Line) => boolean): Promise<void> {
    await eventually(() => {
      if (!this.lines.some(isWanted)) throw new Error(`no such line; there are\n${this.text}${this.complain()}`);
    }, 20_000);
  }
}

async function routerOf(scene: Scene): Promise<Namespace> {
  await scene.router.add(scene.config(DUAL_STACK, { mac: OWN_MAC }));
  return scene.router.namespace;
}

/** Says on the LAN that the addresses are here, as `arping -U` and `ndsend` do. */
function announceFrom(host: Host, ...addresses: readonly string[]): void {
  host.namespace.run(BUN, PACKET_DRIVER, 'announce', host.link, addresses.join(), '1', '0');
}

function send(host: Host, frames: readonly Uint8Array[], count = 1): void {
  const words = frames.map((frame) => Buffer.from(frame).toString('hex')).join();
  host.namespace.run(BUN, PACKET_DRIVER, 'send', host.link, words, String(count));
}

const holds = (host: Host): void =>
  host.namespace.batch(
    `addr add ${RESERVED.ipv4}/24 dev ${host.link}`,
    `addr add ${RESERVED.ipv6}/64 dev ${host.link} nodad`,
  );

/** Announcements of the router, of IPv4 in the form that the kernel has as well. */
function announcements(frames: readonly Frame[], family: FamilyName): Frame[] {
  const words = {
    ipv4: `who-has ${RESERVED.ipv4} tell ${RESERVED.ipv4}`,
    ipv6: `${RESERVED.ipv6} > ff02::1: [icmp6 sum ok] ICMP6, neighbor advertisement`,
  };
  return frames.filter(({ source, text }) => source === OWN_MAC && text.includes(words[family]));
}

/** Enough for several looks at SHORT, and for one at REAL. */
const someTurns = () => new Promise((resolve) => setTimeout(resolve, 1200));

describeOnKernel('another holder of the address', TOOLS, () => {
  let scene: Scene;
  let outsider: Host;
  let router: Namespace;
  let capture: Capture;
  beforeEach(async () => {
    scene = new Scene();
    router = await routerOf(scene);
    outsider = scene.lab.host('outsider', LAN.outsider);
    capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', 'arp or icmp6');
  });
  afterEach(() => scene[Symbol.dispose]());

  test.each(FAMILIES)('%s: heard once, it is answered once, and the router stays ready', async (family) => {
    const watch = await Watch.start(router, SHORT);
    const before = announcements(capture.frames(), family).length;
    // One frame: at load, two would be heard as two claims.
    const announce = family === 'ipv4' ? arpAnnouncement : unsolicitedAdvertisement;
    send(outsider, [announce(outsider.mac, ip(RESERVED[family]))]);
    await watch.until(({ conflicts }) => conflicts === 1);
    expect(watch.warnings).toMatchObject([{ mac: outsider.mac, address: RESERVED[family] }]);
    await someTurns();
    expect(announcements(capture.frames(), family)).toHaveLength(before + 1);
    expect(watch.found).toEqual({ conflicts: 1 });
    // The answer has reached the hosts that had learned the other MAC.
    const neighbour = scene.lab.gateway.namespace.run('ip', 'neigh', 'show', 'to', RESERVED[family]);
    expect(neighbour === '' || neighbour.includes(OWN_MAC)).toBe(true);
  });

  test.each(FAMILIES)('%s: heard again within ten seconds, it is named', async (family) => {
    const watch = await Watch.start(router, REAL);
    const answered = announcements(capture.frames(), family).length + 1;
    announceFrom(outsider, RESERVED[family]);
    await watch.until(({ conflicts }) => conflicts === 1);
    await eventually(() => expect(announcements(capture.frames(), family)).toHaveLength(answered));
    announceFrom(outsider, RESERVED[family]);
    await watch.until(({ problem }) => problem !== undefined);
    expect(watch.found.problem).toContain(`${RESERVED[family]} is also claimed by another host: ${outsider.mac}`);
    await someTurns();
    expect(announcements(capture.frames(), family)).toHaveLength(answered);
    expect(watch.warnings).toHaveLength(1);
  });

  test.each(FAMILIES)('%s: on the same node it is heard as well', async (family) => {
    const pod = scene.lab.namespace('other', { 'ipv6/conf/all/accept_dad': '0' });
    scene.node.namespace.batch(`link add net1 link lan0 netns ${pod.name} type macvlan mode bridge`);
    const other = new Host(pod, 'net1', { ipv4: '192.168.12.51/24', ipv6: '2001:db8:12::51/64' });
    const watch = await Watch.start(router, SHORT);
    for (const conflicts of [1, 2]) {
      announceFrom(other, RESERVED[family]);
      await watch.until((line) => line.conflicts === conflicts);
    }
    expect(watch.found.problem).toContain(other.mac);
  });

  test('both families at once are both named', async () => {
    const watch = await Watch.start(router, SHORT);
    for (const conflicts of [2, 4]) {
      announceFrom(outsider, ...Object.values(RESERVED));
      await watch.until((line) => line.conflicts === conflicts);
    }
    for (const address of Object.values(RESERVED)) expect(watch.found.problem).toContain(address);
  });

  test('an advertisement to routers alone, which overrides nothing, is a holder’s', async () => {
    // RFC 9131, 4.1: what a host sends when it begins to use an address.
    const watch = await Watch.start(router, SHORT);
    send(outsider, [toAllRouters(unsolicitedAdvertisement(outsider.mac, ip(RESERVED.ipv6)))]);
    await watch.until(({ conflicts }) => conflicts === 1);
    expect(watch.warnings).toMatchObject([{ address: RESERVED.ipv6, mac: outsider.mac }]);
  });

  test('the address is ours again after a minute of silence, and the LAN hears it', async () => {
    const watch = await Watch.start(router, SHORT);
    for (const conflicts of [1, 2]) {
      announceFrom(outsider, RESERVED.ipv4);
      await watch.until((line) => line.conflicts === conflicts);
    }
    const before = announcements(capture.frames(), 'ipv4').length;
    await watch.until(({ message }) => message?.includes('no other holder now') === true);
    await eventually(() => expect(watch.found).toEqual({ conflicts: 2 }));
    await eventually(() => expect(announcements(capture.frames(), 'ipv4').length).toBeGreaterThan(before + 3));
  });

  test.each(FAMILIES)('%s: a holder that says nothing more answers, and keeps its name', async (family) => {
    holds(outsider);
    const watch = await Watch.start(router, SHORT);
    for (const conflicts of [1, 2]) {
      announceFrom(outsider, RESERVED[family]);
      await watch.until((line) => line.conflicts === conflicts);
    }
    // Its answer to the first question after each minute.
    await watch.until(({ conflicts }) => conflicts === 4);
    expect(watch.found.problem).toContain(outsider.mac);
    expect(watch.lines.some(({ message }) => message?.includes('no other holder'))).toBe(false);
  });
});

describeOnKernel('frames that are not of another holder', TOOLS, () => {
  let scene: Scene;
  let outsider: Host;
  let router: Namespace;
  beforeEach(async () => {
    scene = new Scene();
    router = await routerOf(scene);
    outsider = scene.lab.host('outsider', LAN.outsider);
  });
  afterEach(() => scene[Symbol.dispose]());

  test('a probe, which the kernel answers', async () => {
    const watch = await Watch.start(router, SHORT);
    const capture = await Capture.start(outsider.namespace, 'lan0', 'arp or icmp6');
    send(outsider, [arpProbe(outsider.mac, ip(RESERVED.ipv4)), duplicateSolicitation(outsider.mac, ip(RESERVED.ipv6))]);
    await capture.first(({ text }) => text.includes(`Reply ${RESERVED.ipv4} is-at ${OWN_MAC}`));
    await capture.first(({ text }) => text.includes(`${RESERVED.ipv6} > ff02::1:`));
    await someTurns();
    expect(watch.found).toEqual({ conflicts: 0 });
  });

  test('a host that takes the address by IPv6’s own rules: the kernel tells it not to', async () => {
    const watch = await Watch.start(router, SHORT);
    outsider.namespace.set({ 'ipv6/conf/all/accept_dad': '1', 'ipv6/conf/lan0/accept_dad': '1' });
    outsider.namespace.batch(`addr add ${RESERVED.ipv6}/64 dev lan0`);
    await eventually(() => expect(outsider.namespace.run('ip', '-6', 'address')).toContain('dadfailed'), 10_000);
    expect(watch.found).toEqual({ conflicts: 0 });
  });

  test('thousands of other hosts: the kernel queues none of their frames', async () => {
    const words = [BUN, PACKET_DRIVER, 'count-holders', 'net1', Object.values(RESERVED).join()];
    const child = router.start(words, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    await eventually(() => expect(output).toBe('ready\n'), 20_000);
    const { mac } = outsider;
    const noise = [
      arpAnnouncement(mac, ip('192.168.12.98')),
      arpProbe(mac, ip(RESERVED.ipv4)),
      unsolicitedAdvertisement(mac, ip('2001:db8:12::98')),
      duplicateSolicitation(mac, ip(RESERVED.ipv6)),
    ];
    send(outsider, noise, 5000);
    send(outsider, [arpAnnouncement(mac, ip(RESERVED.ipv4)), unsolicitedAdvertisement(mac, ip(RESERVED.ipv6))], 3);
    child.stdin!.end();
    await once(child, 'close');
    expect(output).toBe('ready\n[3,3]\n');
  });

  test('a holder that shouts is one, and holds up nothing', async () => {
    const watch = await Watch.start(router, REAL);
    send(outsider, [arpAnnouncement(outsider.mac, ip(RESERVED.ipv4))], 20_000);
    await watch.until(({ conflicts }) => conflicts === 1);
    await watch.until(({ message }) => message?.startsWith('another host uses') === true);
    expect(watch.warnings).toHaveLength(1);
  });

  test('a router of the same MAC on another node is not heard, so ADD probes from the parent', async () => {
    const watch = await Watch.start(router, SHORT);
    const second = scene.lab
      .addNode('node2', LAN.secondNode)
      .addPod('second', { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' });
    await second.add(scene.config(DUAL_STACK, { mac: OWN_MAC }));
    await someTurns();
    expect(watch.found).toEqual({ conflicts: 0 });
  });
});

async function flapPort({ node, lab: { lan } }: Scene): Promise<void> {
  const port = node.namespace.ip<{ link_index: number }>('link', 'show', 'dev', 'lan0')[0]!.link_index;
  const { ifname } = lan.ip<{ ifindex: number; ifname: string }>('link').find(({ ifindex }) => ifindex === port)!;
  lan.batch(`link set ${ifname} down`);
  await someTurns();
  lan.batch(`link set ${ifname} up`);
}

describeOnKernel('when the link comes back', TOOLS, () => {
  const FLAPS: readonly (readonly [string, number, (scene: Scene) => Promise<void> | void])[] = [
    [
      'the parent is down for an instant',
      REAL,
      (scene) => scene.node.namespace.batch('link set lan0 down', 'link set lan0 up'),
    ],
    [
      'the parent is down for a second',
      SHORT,
      async (scene) => {
        scene.node.namespace.batch('link set lan0 down');
        await someTurns();
        scene.node.namespace.batch('link set lan0 up');
      },
    ],
    ['the switch’s port is down for a second', SHORT, flapPort],
  ];

  test.each(FLAPS)('%s: announcing the addresses again, several times', async (_, second, flap) => {
    using scene = new Scene();
    const router = await routerOf(scene);
    const watch = await Watch.start(router, second);
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', 'arp or icmp6');
    await flap(scene);
    await eventually(() => {
      for (const family of FAMILIES) expect(announcements(capture.frames(), family).length).toBeGreaterThanOrEqual(3);
    }, 20_000);
    const cameBack = ({ message }: Line) => message?.startsWith('net1 came back') === true;
    await watch.until(cameBack);
    expect(watch.lines.filter(cameBack)).toHaveLength(1);
    expect(watch.found).toEqual({ conflicts: 0 });
  });

  test('net1 was down for an instant: of the addresses those are announced that it still has', async () => {
    using scene = new Scene();
    const router = await routerOf(scene);
    await Watch.start(router, SHORT);
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', 'arp or icmp6');
    router.batch('link set net1 down', 'link set net1 up');
    expect(router.run('ip', 'address', 'show', 'dev', 'net1')).not.toContain(RESERVED.ipv6);
    await eventually(() => expect(announcements(capture.frames(), 'ipv4').length).toBeGreaterThanOrEqual(4), 20_000);
    expect(announcements(capture.frames(), 'ipv6')).toEqual([]);
  });

  test.each(FAMILIES)('%s: who took the address meanwhile, and says nothing, is found by asking', async (family) => {
    using scene = new Scene();
    const router = await routerOf(scene);
    const watch = await Watch.start(router, SHORT);
    scene.node.namespace.batch('link set lan0 down');
    await someTurns();
    const outsider = scene.lab.host('outsider', LAN.outsider);
    const address = family === 'ipv4' ? `${RESERVED.ipv4}/24 dev lan0` : `${RESERVED.ipv6}/64 dev lan0 nodad`;
    outsider.namespace.batch(`addr add ${address}`);
    scene.node.namespace.batch('link set lan0 up');
    await watch.until(
      ({ problem }) => problem?.includes(`${RESERVED[family]} is also claimed by another host`) === true,
    );
    expect(watch.found.problem).toContain(outsider.mac);
  });

  test('the routers of a node all announce again', async () => {
    using scene = new Scene();
    const hosts = [91, 92, 93, 94, 95, 96];
    const watches: Watch[] = [];
    for (const host of hosts) {
      const pod = scene.node.addPod(`router${host}`, { ipv4: `10.244.9.${host}`, ipv6: `fd00:10:244:9::${host}` });
      const addresses = [`192.168.12.${host}/24`];
      await pod.add(scene.config({ ...IPV4_ONLY, addresses }, { name: `${scene.network}-${host}` }));
      watches.push(await Watch.start(pod.namespace, REAL, [`192.168.12.${host}`]));
    }
    const capture = await Capture.start(scene.node.namespace, 'lan0', 'arp and outbound');
    await flapPort(scene);
    for (const watch of watches) await watch.until(({ message }) => message?.startsWith('net1 came back') === true);
    const perRouter = (host: number) =>
      capture.frames().filter(({ text }) => new RegExp(`who-has 192\\.168\\.12\\.${host}\\b`).test(text)).length;
    // Two rounds, each with a question and an announcement in this form.
    await eventually(() => expect(Math.min(...hosts.map(perRouter))).toBeGreaterThanOrEqual(4), 30_000);
    const frames = capture.frames().filter(({ text }) => /192\.168\.12\.9[1-6]\b/.test(text));
    // Only said: their phases are a unit test's, and a busy machine moves the frames.
    const most = mostInOneSecond(frames);
    console.info(`most ARP frames in a second after the carrier returned: ${most} of ${hosts.length} routers`);
  });
});

function mostInOneSecond(frames: readonly Frame[]): number {
  const times = frames.map(({ text }) => {
    const [hours, minutes, seconds] = text.split(' ')[0]!.split(':').map(Number) as [number, number, number];
    return (hours * 60 + minutes) * 60 + seconds;
  });
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1).length));
}

describeOnKernel('egress-router serve --watch-conflicts', [...TOOLS, 'curl'], () => {
  const serve = (scene: Scene) => [
    PLUGIN,
    'serve',
    '--router=egress/partner',
    `--config=${JSON.stringify(scene.config(DUAL_STACK, { mac: OWN_MAC }))}`,
    '--watch-conflicts',
  ];

  const get = (scene: Scene, path: string) =>
    scene.node.namespace.try(['curl', '--silent', `http://${scene.router.ipv4}:9180${path}`]).stdout;

  test('the router stays ready, and the check names the MAC that goes on', async () => {
    using scene = new Scene();
    const router = await routerOf(scene);
    router.start(serve(scene), { stdio: 'ignore' });
    await eventually(() => expect(get(scene, '/readyz')).toBe('ok\n'), 20_000);
    const outsider = scene.lab.host('outsider', LAN.outsider);
    for (const count of [1, 2]) {
      expect(get(scene, '/readyz')).toBe('ok\n');
      announceFrom(outsider, RESERVED.ipv4);
      await eventually(() =>
        expect(get(scene, '/metrics')).toContain(`egress_router_address_conflicts_total ${count}\n`),
      );
    }
    const reason = `${RESERVED.ipv4} is also claimed by another host: ${outsider.mac} kept it after the announcement`;
    await eventually(() => expect(get(scene, '/readyz?verbose')).toContain(`[!]conflict warning: ${reason}\n`));
    expect(get(scene, '/readyz')).toBe('ok\n');
    expect(get(scene, '/metrics')).toContain('egress_router_check_ok{check="conflict"} 0\n');
  });
});

/** The same advertisement to ff02::2, without the override flag; the checksum follows both. */
function toAllRouters(frame: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(frame);
  changed.set(macToBytes(multicastMac(ip('ff02::2'))), 0);
  changed[14 + 24 + 15] = 2;
  const [checksum, flags] = [14 + 40 + 2, 14 + 40 + 4];
  changed[flags]! &= ~0x20;
  const view = new DataView(changed.buffer);
  // One's complement: the destination grew by 1, and the flags' word shrank by 0x2000.
  const sum = view.getUint16(checksum) + 0x2000 - 1;
  view.setUint16(checksum, (sum & 0xffff) + (sum >> 16));
  return changed;
}
