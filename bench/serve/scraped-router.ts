/** The soak itself, inside of its namespaces: see soak.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OURS, rules } from '../plugin/contestants';
import { emptyPod, prepareNode } from '../plugin/network';
import { call } from '../plugin/run';
import { table } from '../table';
import { type Footprint, footprint } from './footprint';

const SCRAPES_A_SECOND = 10;
const HEALTH_PORT = 9180;
const POD = 'router';

/** A moment of the soak. */
interface Sample extends Footprint {
  readonly seconds: number;
}

/** What the scraper saw. */
interface Scrapes {
  readonly count: number;
  readonly failed: number;
  readonly bytes: number;
  /** Milliseconds of the middle scrape, of one in a hundred, and of the slowest. */
  readonly median: number;
  readonly slow: number;
  readonly slowest: number;
}

async function main(minutes: number, ruleCount: number): Promise<void> {
  const server = await startRouter(rules(ruleCount, 80));
  const idle = await watch(server, 30);
  const scraper = startScraper(minutes * 60);
  const report = once(scraper.stdout!, 'data');
  const soak = await watch(server, minutes * 60);
  const scrapes = JSON.parse(String((await report)[0])) as Scrapes;
  server.kill('SIGTERM');
  console.log(text(minutes, ruleCount, idle, soak, scrapes));
}

/** ADD, and the pod's process with the one capability that it needs. */
async function startRouter(destinations: readonly string[]): Promise<ChildProcess> {
  prepareNode();
  const request = { address: '192.0.8.1', rules: destinations, counters: true };
  call({ verb: 'ADD', contestant: OURS, request, netns: emptyPod(POD) });
  const config = JSON.stringify(OURS.netconf({ ...request, rules: destinations.slice(-1) }));
  const privileges = ['setpriv', '--bounding-set=-all,+net_admin', '--'];
  const words = [...privileges, OURS.executable, 'serve', `--config=${config}`, '--rule-metrics'];
  const server = spawn('ip', ['netns', 'exec', POD, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout!, 'data');
  server.stdout!.resume();
  return server;
}

function startScraper(seconds: number): ChildProcess {
  const program = [process.execPath, join(__dirname, 'scraper.mjs'), `http://127.0.0.1:${HEALTH_PORT}/metrics`];
  return spawn('ip', ['netns', 'exec', POD, ...program, String(seconds), String(SCRAPES_A_SECOND)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** A sample every five seconds. */
async function watch({ pid }: ChildProcess, seconds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let passed = 0; passed <= seconds; passed += 5) {
    samples.push({ seconds: passed, ...footprint(pid!) });
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  return samples;
}

function text(minutes: number, ruleCount: number, idle: Sample[], soak: Sample[], scrapes: Scrapes): string {
  const mib = (samples: readonly Sample[], choose: (...values: number[]) => number) =>
    choose(...samples.map(({ residentBytes }) => residentBytes / 2 ** 20)).toFixed(0);
  const rows = [
    ['without scrapes', ...cells(idle)],
    ...Array.from({ length: Math.ceil(minutes) }, (_, minute) => {
      const samples = soak.filter(({ seconds }) => seconds >= minute * 60 && seconds <= (minute + 1) * 60);
      return [`minute ${minute + 1}`, ...cells(samples)];
    }),
  ];
  function cells(samples: readonly Sample[]): string[] {
    const [first, last] = [samples[0]!, samples.at(-1)!];
    const seconds = last.seconds - first.seconds;
    return [
      `${mib(samples, Math.min)}–${mib(samples, Math.max)}`,
      `${((100 * (last.cpuSeconds - first.cpuSeconds)) / seconds).toFixed(1)} %`,
      ((last.wakeUps - first.wakeUps) / seconds).toFixed(1),
    ];
  }
  return [
    `\`serve\` with ${ruleCount.toLocaleString('en')} rules, ${SCRAPES_A_SECOND} scrapes a second for ${minutes} minutes: ${scrapes.count} scrapes of ${(scrapes.bytes / 1e6).toFixed(1)} MB, ${scrapes.failed} failed; ${scrapes.median.toFixed(0)} ms the middle one, ${scrapes.slow.toFixed(0)} ms one in a hundred, ${scrapes.slowest.toFixed(0)} ms the slowest.`,
    '',
    table(['', 'resident MiB', 'processor', 'wake-ups a second'], rows),
  ].join('\n');
}

function option(name: string, fallback: number): number {
  const given = process.argv.find((word) => word.startsWith(`--${name}=`));
  return given === undefined ? fallback : Number(given.slice(name.length + 3));
}

void main(option('minutes', 10), option('rules', 10_000));
