import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeArpRate } from '../../cni/address-conflict/node-arp-rate';
import { restoreArpRate } from './lab/arp-rate';
import { Capture } from './lab/capture';
import { LAN } from './lab/layout';
import { IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { storedAttachments } from './lab/state';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/pace-driver.ts');
const RATE_MODULE = join(__dirname, '../../cni/address-conflict/node-arp-rate.ts');

interface Turns {
  readonly milliseconds: readonly number[];
  readonly total: number;
  /** The next one, behind each step. */
  readonly turns: readonly number[];
  readonly returned: readonly (boolean | null)[];
  readonly spacing: number;
}

describeOnKernel('the pace of ARP frames on a node', ['flock', BUN], () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arp-pace-'));
    file = join(folder, 'run', 'arp-pace');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function takeAs(own: number, rate: number, ...steps: string[]): Promise<Turns> {
    const { stdout } = await promisify(execFile)(BUN, [DRIVER, file, String(own), String(rate), ...steps], {
      timeout: 30_000,
    });
    return JSON.parse(stdout);
  }
  const take = (rate: number, ...steps: string[]) => takeAs(10, rate, ...steps);
  /** A turn has 16 characters; what a damaged file has behind them stays. */
  const nextTurn = () => Number(readFileSync(file, 'utf8').slice(0, 16));
  const uptime = () => Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;

  test('the first router does not wait, and the next one waits for the time of its frames', async () => {
    const { total, returned } = await take(100, 'take:60', 'take:60');
    expect(returned).toEqual([true, true]);
    // The clock of the node counts in steps of 10 ms.
    expect(total).toBeGreaterThan(550);
    expect(nextTurn() - uptime()).toBeLessThanOrEqual(600);
  });

  test('processes take turns one behind the other', async () => {
    const begin = uptime();
    const all = await Promise.all([1, 2, 3, 4].map(() => take(100, 'take:40')));
    expect(all.flatMap(({ returned }) => returned)).toEqual([true, true, true, true]);
    expect(nextTurn()).toBeGreaterThanOrEqual(Math.floor(begin) + 4 * 400);
  });

  test('frames that were not sent are given back', async () => {
    const { turns } = await take(10, 'take:12', 'giveBack:11');
    expect(turns[0]! - turns[1]!).toBe(1100);
  });

  test('frames are not given back when the next router has its turn behind them', async () => {
    const { returned, turns } = await take(10, 'take:12', 'other:12', 'giveBack:11');
    expect(returned).toEqual([true, true, null]);
    expect(turns[1]! - turns[0]!).toBeGreaterThanOrEqual(1200);
    expect(turns[2]).toBe(turns[1]);
  });

  test('frames are given back once, and by the router that took them', async () => {
    await take(10, 'take:12');
    const after = nextTurn();
    await take(10, 'giveBack:1');
    expect(nextTurn()).toBe(after);
    const { turns } = await take(10, 'take:12', 'giveBack:6', 'giveBack:6');
    expect(turns.map((turn) => turns[0]! - turn)).toEqual([0, 600, 600]);
  });

  test('a router with a slower pace of its own takes no more of the time than others', async () => {
    const { spacing } = await takeAs(1, 10, 'take:26');
    expect(spacing).toBe(1000);
    expect(nextTurn() - uptime()).toBeLessThanOrEqual(2600);
    expect(await takeAs(10, 10)).toMatchObject({ spacing: 0 });
    expect(await takeAs(10, 1000)).toMatchObject({ spacing: 0 });
    expect(await takeAs(10, 5)).toMatchObject({ spacing: 200 });
  });

  test.each([
    ['text', () => 'x'.repeat(100)],
    ['a turn in an hour', () => String(uptime() + 3_600_000)],
  ])('a damaged file is the first turn: %s', async (_what, content) => {
    await take(10, 'take:1');
    writeFileSync(file, content());
    expect((await take(10, 'take:1')).returned).toEqual([true]);
    expect(nextTurn()).toBeLessThanOrEqual(uptime() + 100);
  });

  test('a turn that does not come in time is awaited that long, and not taken', async () => {
    const { milliseconds, total, returned } = await take(10, 'other:30', 'take:12:300', 'take:12:5000');
    expect(returned).toEqual([true, false, true]);
    expect(milliseconds[1]).toBeGreaterThanOrEqual(300);
    expect(total).toBeGreaterThan(2900);
  });

  test('more routers than fit wait, and the rest go without a turn', async () => {
    const begin = uptime();
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => take(10, 'take:12:3000')));
    const came = all.filter(({ returned: [isTaken] }) => isTaken);
    // Three, where all begin at the same moment; those that start late find more.
    expect(came.length).toBeGreaterThanOrEqual(3);
    expect(nextTurn()).toBeGreaterThanOrEqual(Math.floor(begin) + came.length * 1200);
    const rest = all.filter((each) => !came.includes(each));
    for (const { milliseconds } of rest) expect(milliseconds[0]).toBeGreaterThanOrEqual(3000);
  });

  test('a lock that is not released is awaited as long as a turn', async () => {
    await take(10, 'take:1');
    const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo locked; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout!.once('data', resolve));
    expect((await take(10, 'take:1:200')).returned).toEqual([false]);
    holder.kill();
  });

  test('a file that cannot be written is an error', async () => {
    file = join('/proc', 'arp-pace');
    await expect(take(10, 'take:1')).rejects.toThrow(/ENOENT/);
  });

  test.each([
    ['a pipe', ['mkfifo']],
    ['a socket', ['python3', '-c', 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])']],
    ['a directory', ['mkdir']],
    ['a dangling link', ['ln', '-s', '/proc/none']],
    ['an endless device', ['sh', '-c', 'mknod "$0" c 1 5']],
  ] as const)('%s in the place of a file does not stop a router', async (_what, [program, ...words]) => {
    await take(10, 'take:1');
    rmSync(file);
    const rate = join(folder, 'rate');
    for (const path of [file, rate]) await promisify(execFile)(program, [...words, path]);
    expect((await take(10, 'take:1')).returned).toEqual([true]);
    expect(nextTurn()).toBeGreaterThan(uptime() - 60_000);
    // In a process of its own, because a pipe would block this one.
    const code = `console.log(require(${JSON.stringify(RATE_MODULE)}).nodeArpRate(${JSON.stringify(rate)}))`;
    const { stdout } = await promisify(execFile)(BUN, ['-e', code], { timeout: 10_000 });
    expect(stdout).toBe('10\n');
  });

  test.each([
    ['100\n', 100],
    ['1', 1],
    ['0', 10],
    ['1001', 10],
    ['1e3', 10],
    ['', 10],
  ])('the node says its rate: %j', (text, rate) => {
    const path = join(folder, 'rate');
    writeFileSync(path, text);
    expect(nodeArpRate(path)).toBe(rate);
    expect(nodeArpRate(join(folder, 'none'))).toBe(10);
  });
});

describeOnKernel('routers that start at once on one node', ['ip', 'nft', 'tcpdump'], () => {
  test('send their ARP frames one after the other, and all start', async () => {
    using scene = new Scene();
    restoreArpRate();
    const routers = [91, 92, 93, 94].map((host, index) => ({
      pod: scene.node.addPod(`router${host}`, { ipv4: `10.244.9.${index + 1}`, ipv6: `fd00:10:244:9::${index + 1}` }),
      config: scene.config(
        { ...IPV4_ONLY, addresses: [`192.168.12.${host}/24`] },
        { name: `${scene.network}-${host}`, detectConflicts: true },
      ),
    }));
    const capture = await Capture.start(scene.node.namespace, 'lan0', 'arp and outbound');
    const begin = performance.now();
    await Promise.all(routers.map(({ pod, config }) => pod.add(config)));
    // Each has 4 questions of the parent, 2 of net1, and 3 announcements in two forms.
    expect(performance.now() - begin).toBeGreaterThan(3 * 1200 - 100);
    const ofRouters = () => capture.frames().filter(({ text }) => /192\.168\.12\.9[1-4]\b/.test(text));
    await eventually(() => expect(ofRouters().length).toBeGreaterThanOrEqual(40));
    console.info(`most ARP frames in a second: ${mostInOneSecond(ofRouters().map(({ text }) => text))}`);
    for (const { pod, config } of routers) await pod.del(config);
  });
});

describeOnKernel('a node whose turns are taken', ['ip', 'nft', 'tcpdump'], () => {
  const file = '/run/egress-router/arp-pace';
  const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  /** @returns the next turn */
  const holdTurns = (milliseconds: number) => {
    const turn = Math.round(uptime() + milliseconds);
    writeFileSync(file, String(turn).padStart(16));
    return turn;
  };
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
    restoreArpRate();
  });
  afterEach(() => {
    holdTurns(0);
    scene[Symbol.dispose]();
  });

  test('ends ADD with error 11 after a minute, without a frame and without a rest', async () => {
    const { router, network, node } = scene;
    const capture = await Capture.start(node.namespace, 'lan0', 'arp and outbound');
    holdTurns(110_000);
    const answer = await router.call('ADD', scene.config(IPV4_ONLY, { detectConflicts: true }));
    expect(answer).toMatchObject({ status: 1, json: { code: 11 } });
    expect(answer.json.msg).toContain('no turn to send ARP frames within 60 s');
    expect((await capture.stop()).filter(({ text }) => text.includes('192.168.12.99'))).toEqual([]);
    expect(storedAttachments(network)).toEqual([]);
    expect(router.namespace.run('ls', '/sys/class/net').split('\n')).not.toContain('net1');
  }, 180_000);

  test('does not prolong conflictWait', async () => {
    const { router, lab } = scene;
    const holder = lab.host('holder', LAN.outsider);
    holder.namespace.batch('addr add 192.168.12.99/24 dev lan0');
    const first = holdTurns(0);
    const adding = router.call('ADD', scene.config(IPV4_ONLY, { detectConflicts: true, conflictWait: 3 }));
    // The first turn is taken; those of the further attempts are a minute away.
    await eventually(() => expect(Number(readFileSync(file, 'utf8'))).toBeGreaterThan(first));
    const next = holdTurns(59_000);
    expect(await adding).toMatchObject({ status: 1, json: { code: 102 } });
    expect(uptime()).toBeLessThan(next);
  });
});

/** @param lines of tcpdump, which begin with the time of day */
function mostInOneSecond(lines: readonly string[]): number {
  const times = lines.map((line) => {
    const [hours, minutes, seconds] = line.split(' ')[0]!.split(':').map(Number) as [number, number, number];
    return (hours * 60 + minutes) * 60 + seconds;
  });
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1).length));
}
