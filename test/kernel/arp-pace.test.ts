import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Capture } from './lab/capture';
import { IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/pace-driver.ts');

interface Turns {
  readonly milliseconds: readonly number[];
  readonly errors: readonly string[];
}

describeOnKernel('the pace of ARP frames on a node', ['flock', BUN], () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arp-pace-'));
    file = join(folder, 'run', 'arp-pace');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function take(rate: number, ...steps: string[]): Promise<Turns> {
    const { stdout } = await promisify(execFile)(BUN, [DRIVER, file, String(rate), ...steps]);
    return JSON.parse(stdout);
  }
  /** A turn has 16 characters; what a damaged file has behind them stays. */
  const nextTurn = () => Number(readFileSync(file, 'utf8').slice(0, 16));
  const uptime = () => Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;

  test('the first router does not wait, and the next one waits for the time of its frames', async () => {
    const { milliseconds, errors } = await take(100, 'take:60', 'take:60');
    expect(errors).toEqual([]);
    // The clock of the node counts in steps of 10 ms.
    expect(milliseconds[1]! + milliseconds[0]!).toBeGreaterThan(550);
    expect(nextTurn() - uptime()).toBeLessThanOrEqual(600);
  });

  test('processes take turns one behind the other', async () => {
    const begin = uptime();
    const all = await Promise.all([1, 2, 3, 4].map(() => take(100, 'take:40')));
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    expect(nextTurn()).toBeGreaterThanOrEqual(Math.floor(begin) + 4 * 400);
  });

  test('frames that were not sent are given back', async () => {
    const before = uptime();
    await take(10, 'take:12', 'giveBack:11');
    expect(nextTurn() - before).toBeLessThan(10_000);
  });

  test('frames are not given back when the next router has its turn behind them', async () => {
    const before = uptime();
    const { errors } = await take(10, 'take:12', 'other:12', 'giveBack:11');
    expect(errors).toEqual([]);
    expect(nextTurn() - before).toBeGreaterThanOrEqual(2400 - 10);
  });

  test('frames are given back once, and by the router that took them', async () => {
    await take(10, 'take:12');
    const after = nextTurn();
    await take(10, 'giveBack:1');
    expect(nextTurn()).toBe(after);
    const begin = uptime();
    await take(10, 'take:12', 'giveBack:6', 'giveBack:6');
    expect(nextTurn()).toBeGreaterThanOrEqual(Math.max(after, Math.floor(begin)) + 600);
  });

  test('a damaged file is the first turn', async () => {
    await take(10, 'take:1');
    writeFileSync(file, 'x'.repeat(100));
    expect((await take(10, 'take:1')).errors).toEqual([]);
    expect(nextTurn()).toBeLessThanOrEqual(uptime() + 100);
  });

  test('a turn that is too far away is not awaited', async () => {
    await take(10, 'take:1');
    writeFileSync(file, String(uptime() + 3_600_000));
    const { errors } = await take(10, 'take:1');
    expect(errors).toEqual([
      expect.stringMatching(/^sending ARP frames without a pace: the turn would come in 3\d{3} s/),
    ]);
  });

  test('a lock that is not released is not awaited', async () => {
    await take(10, 'take:1');
    const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo locked; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout!.once('data', resolve));
    const { errors } = await take(10, 'take:1');
    expect(errors).toEqual([`sending ARP frames without a pace: ${file} is locked by another process`]);
    holder.kill();
  });

  test('a file that cannot be written is not needed', async () => {
    file = join('/proc', 'arp-pace');
    expect((await take(10, 'take:1')).errors).toEqual([expect.stringContaining('sending ARP frames without a pace')]);
  });
});

describeOnKernel('routers that start at once on one node', ['ip', 'nft', 'tcpdump'], () => {
  test('send their ARP frames one after the other, and all start', async () => {
    using scene = new Scene();
    const routers = [91, 92, 93, 94].map((host, index) => ({
      pod: scene.node.addPod(`router${host}`, { ipv4: `10.244.9.${index + 1}`, ipv6: `fd00:10:244:9::${index + 1}` }),
      config: scene.config(
        { ...IPV4_ONLY, addresses: [`192.168.12.${host}/24`] },
        { name: `${scene.network}-${host}`, detectConflicts: true, arpFramesPerSecond: 10 },
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

/** @param lines of tcpdump, which begin with the time of day */
function mostInOneSecond(lines: readonly string[]): number {
  const times = lines.map((line) => {
    const [hours, minutes, seconds] = line.split(' ')[0]!.split(':').map(Number) as [number, number, number];
    return (hours * 60 + minutes) * 60 + seconds;
  });
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1).length));
}
