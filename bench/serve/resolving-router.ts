/** The table of `npm run bench -- names`: started by ../names.ts inside namespaces of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OURS, rules } from '../plugin/contestants';
import { emptyPod, LAN, NAMESPACES, prepareNode, SERVER } from '../plugin/network';
import { call } from '../plugin/run';
import { table, whole } from '../table';
import { footprint } from './footprint';

const DNS_SERVER = join(__dirname, '../../test/kernel/lab/programs/dns-server.mjs');
const TARGET_PORT = 443;
const FIRST_PORT = 20_000;

/** A router, and what its names answer. */
interface Entry {
  readonly title: string;
  readonly names: number;
  /** Seconds. */
  readonly ttl: number;
  readonly goal: string;
}

const COUNT = 1000;
const ENTRIES: readonly Entry[] = [
  { title: 'no names, 1,000 rules', names: 0, ttl: 0, goal: '' },
  { title: '1,000 names, TTL 60 s', names: COUNT, ttl: 60, goal: '≤ 1 % more' },
  { title: '1,000 names, TTL 5 s', names: COUNT, ttl: 5, goal: 'stated' },
];

/** What the process took in a time. */
interface Cost {
  readonly share: number;
  readonly wakeUps: number;
  readonly residentBytes: number;
  readonly questions: number;
}

function main(quick: boolean): void {
  const seconds = quick ? 5 : 120;
  prepareNode();
  const costs = ENTRIES.map((entry, index) => cost(entry, `router-${index}`, `192.0.8.${1 + index}`, seconds));
  const [base] = costs as [Cost, ...Cost[]];
  const rows = ENTRIES.map(({ title, goal }, index) => {
    const { share, wakeUps, residentBytes, questions } = costs[index]!;
    const more = index === 0 ? '' : percent(share - base.share);
    return [
      title,
      percent(share),
      more,
      goal,
      questions.toFixed(1),
      wakeUps.toFixed(1),
      whole(residentBytes / 2 ** 20),
    ];
  });
  const header = [
    '`serve` with',
    'processor',
    'more',
    'goal',
    'questions a second',
    'wake-ups a second',
    'resident MiB',
  ];
  console.log(
    [
      '# Names',
      '',
      `\`serve\` with live rules for ${seconds} s, after all names have their addresses; the answers do not change.`,
      '',
      table(header, rows),
    ].join('\n'),
  );
}

/** One router after the other: their processes share no core. */
function cost(entry: Entry, pod: string, address: string, seconds: number): Cost {
  const config = configOf(entry, pod, address);
  const processes = [startDns(entry), startServe(config, pod)] as const;
  try {
    waitForNames(entry, pod);
    return costOf(processes[1], pod, seconds);
  } finally {
    for (const each of processes) each.kill('SIGKILL');
  }
}

function costOf({ pid }: ChildProcess, pod: string, seconds: number): Cost {
  const [before, asked, begin] = [footprint(pid!), questionsOf(pod), performance.now()];
  sleep(seconds);
  const [after, passed] = [footprint(pid!), (performance.now() - begin) / 1000];
  return {
    share: (after.cpuSeconds - before.cpuSeconds) / passed,
    wakeUps: (after.wakeUps - before.wakeUps) / passed,
    residentBytes: after.residentBytes,
    questions: (questionsOf(pod) - asked) / passed,
  };
}

/** ADD with the hosts, or with as many rules. */
function configOf({ names }: Entry, pod: string, address: string): object {
  const destinations = names === 0 ? rules(COUNT, TARGET_PORT) : [];
  const netconf = OURS.netconf({ address, rules: destinations }) as { readonly ip: object };
  const hosts = Array.from({ length: names }, (_, index) => ({
    name: nameOf(index),
    ports: [`${FIRST_PORT + index} TCP ${TARGET_PORT}`],
  }));
  const resolver = { servers: [SERVER], source: 'reserved', clusterCidrs: ['10.96.0.0/12'] };
  const ip = names === 0 ? netconf.ip : { ...netconf.ip, hosts, resolver };
  const config = { ...netconf, liveRules: true, healthPort: 9180, ip };
  const contestant = { ...OURS, netconf: () => config };
  call({ verb: 'ADD', contestant, request: { address, rules: destinations }, netns: emptyPod(pod) });
  return config;
}

function nameOf(index: number): string {
  return `host-${index}.example`;
}

function startDns({ names, ttl }: Entry): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', LAN, process.execPath, DNS_SERVER, SERVER], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const zone = Array.from({ length: names }, (_, index) => {
    const address = `198.18.${Math.floor(index / 250)}.${1 + (index % 250)}`;
    return [nameOf(index), { A: [address], ttl }];
  });
  child.stdin!.write(`${JSON.stringify(Object.fromEntries(zone))}\n`);
  return child;
}

function startServe(config: object, pod: string): ChildProcess {
  const { ip, ...rest } = config as { readonly ip: object };
  const own = { ...rest, ip: { ...ip, destinations: [], hosts: undefined } };
  const file = join(NAMESPACES, `${pod}.json`);
  writeFileSync(file, JSON.stringify(config));
  const words = [OURS.executable, 'serve', `--config=${JSON.stringify(own)}`, `--config-file=${file}`, '--live-rules'];
  return spawn('ip', ['netns', 'exec', pod, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Until each has an address, and the start is over. */
function waitForNames({ names }: Entry, pod: string): void {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const resolved = metrics(pod).match(/^egress_router_host_resolved\{.*\} 1$/gm) ?? [];
    if (resolved.length === names && metrics(pod) !== '') break;
    if (Date.now() > deadline) throw new Error(`${resolved.length} of ${names} names have an address`);
    sleep(1);
  }
  sleep(3);
}

function questionsOf(pod: string): number {
  const counts = metrics(pod).matchAll(/^egress_router_host_answers_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

function metrics(pod: string): string {
  const words = ['curl', '--silent', '--max-time', '5', 'http://127.0.0.1:9180/metrics'];
  return spawnSync('ip', ['netns', 'exec', pod, ...words], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }).stdout;
}

function sleep(seconds: number): void {
  spawnSync('sleep', [String(seconds)]);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

main(process.argv.includes('--quick'));
