/** The table of address pairs of `npm run bench -- cloud`: started by ../cloud.ts. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Program } from '../../test/openstack/pulumi/run';
import { TestStack } from '../../test/openstack/pulumi/stack';
import { OpenStackAdmin, type Pair } from '../../test/openstack/server/admin';
import { passwordVariables } from '../../test/openstack/server/describe-with-openstack';
import { Gate } from '../../test/openstack/server/gate';
import { startOpenStack } from '../../test/openstack/server/openstack';
import { median, range } from '../statistics';
import { table, times } from '../table';
import type { Task, Way } from './contestants';
import { COUNT_VARIABLE } from './idle-resources';

/** What the installer put on every port. */
const VIPS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const PAIRS: readonly Pair[] = [
  { ip_address: '192.168.12.99', mac_address: '02:00:5e:10:00:63' },
  { ip_address: '2001:db8:12::99', mac_address: '02:00:5e:10:00:63' },
];

interface Bench {
  readonly admin: OpenStackAdmin;
  readonly gate: Gate;
  readonly task: Task;
  readonly environment: Readonly<Record<string, string>>;
}

async function main(quick: boolean): Promise<string> {
  const openStack = await startOpenStack();
  const gate = await Gate.before(openStack.address.networkUrl);
  try {
    const admin = await OpenStackAdmin.login(openStack.address);
    await admin.addToCatalog('network', 'counted', gate.url);
    const networkId = await admin.createNetwork('nodes', '10.20.0.0/16');
    const portIds: string[] = [];
    for (let made = 0; made < (quick ? 4 : 100); made++) {
      portIds.push((await admin.createPort(networkId, { pairs: VIPS })).id);
    }
    const task = { address: openStack.address, portIds, pairs: PAIRS };
    const bench = {
      admin,
      gate,
      task,
      environment: { ...passwordVariables(openStack.address), OS_REGION_NAME: 'RegionOne' },
    };
    const { text, requestsAlone } = await ways(bench, quick ? 1 : 5);
    return [heading(task), text, await engine(bench, requestsAlone, quick ? 1 : 3)].join('\n\n');
  } finally {
    await gate.close();
    await openStack.stop();
  }
}

function heading({ portIds, pairs }: Task): string {
  return `## Address pairs\n\n${pairs.length * portIds.length} pairs over ${portIds.length} ports of a real Neutron.`;
}

/** @returns the table, and the seconds that the requests alone take */
async function ways(bench: Bench, rounds: number): Promise<{ text: string; requestsAlone: number }> {
  const results: Record<Way, number[]> = { ours: [], raw: [], command: [] };
  for (let round = 0; round < rounds; round++) {
    // Alternately first. The command takes minutes: once.
    const order: Way[] = round % 2 === 0 ? ['ours', 'raw'] : ['raw', 'ours'];
    for (const way of round === 0 ? [...order, 'command' as const] : order) results[way].push(await race(way, bench));
  }
  const titles: Record<Way, string> = {
    raw: 'one GET and one PUT a port, 16 at a time',
    ours: '`AllowedAddressPair`, a resource for each pair',
    command: '`openstack port set`, port by port, once',
  };
  const base = median(results.raw);
  const row = (way: Way) => [
    titles[way],
    (median(results[way]) / 1000).toFixed(1),
    range(
      results[way].map((value) => value / 1000),
      1,
    ),
    times(median(results[way]) / base),
  ];
  const header = ['way', 'seconds', 'range', 'beside the requests alone (goal ≤ 1.5)'];
  return { text: table(header, [row('raw'), row('ours'), row('command')]), requestsAlone: base / 1000 };
}

/** @throws if the ports have other pairs than expected, because then the time is meaningless */
async function race(way: Way, { admin, task, environment }: Bench): Promise<number> {
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, join(__dirname, 'run.ts'), way], {
    encoding: 'utf8',
    input: JSON.stringify(task),
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${way}: exit status ${status}`);
  for (const id of task.portIds) {
    const { allowed_address_pairs } = await admin.port(id);
    if (allowed_address_pairs.length !== VIPS.length + PAIRS.length) throw new Error(`${way}: port ${id} lacks pairs`);
    await admin.setPairs(
      id,
      allowed_address_pairs.filter((pair) => !PAIRS.some((ours) => ours.ip_address === pair.ip_address)),
    );
  }
  return Number(stdout);
}

interface Operation {
  readonly title: string;
  readonly seconds: number[];
  reads?: number;
  writes?: number;
}

/** The same pairs by the engine, with request counts, compared with the engine and resources that do nothing. */
async function engine(bench: Bench, requestsAlone: number, rounds: number): Promise<string> {
  const idle: Operation = { title: '`up` of as many resources that do nothing', seconds: [] };
  const ours = ['`up`', '`up` again: nothing to do', '`refresh`', '`destroy`'].map(
    (title): Operation => ({ title, seconds: [] }),
  );
  for (let round = 0; round < rounds; round++) {
    await idleRound(bench, idle);
    await pairsRound(bench, ours);
  }
  const cell = (count: number | undefined) => (count === undefined ? '' : String(count));
  const rows = [idle, ...ours].map(({ title, seconds, reads, writes }) => [
    title,
    median(seconds).toFixed(1),
    range(seconds, 1),
    cell(reads),
    cell(writes),
  ]);
  const floor = requestsAlone + median(idle.seconds);
  return [
    'The same by the real engine, all of it, its start included:',
    table(['operation', 'seconds', 'range', 'reads', 'writes'], rows),
    `\`up\` takes ${times(median(ours[0]!.seconds) / floor)} the requests alone and the resources that do nothing, one after the other.`,
  ].join('\n\n');
}

async function idleRound({ task, environment }: Bench, operation: Operation): Promise<void> {
  const resources = String(task.portIds.length * task.pairs.length);
  const stack = new TestStack({ ...environment, [COUNT_VARIABLE]: resources });
  try {
    await timed(operation, () => stack.up({ module: join(__dirname, 'idle-resources.ts') }));
  } finally {
    stack.remove();
  }
}

async function pairsRound(
  { gate, task, environment }: Bench,
  [up, again, refresh, destroy]: Operation[],
): Promise<void> {
  const routers = [
    { addresses: task.pairs.map(({ ip_address }) => ({ ip: ip_address })), macAddress: task.pairs[0]!.mac_address },
  ];
  const nodes = task.portIds.map((portId) => ({ portId }));
  const program: Program = { ports: { bench: { routers, nodes } } };
  const stack = new TestStack({ ...environment, OS_REGION_NAME: 'counted' });
  const counted = async (operation: Operation, work: () => Promise<unknown>) => {
    gate.reset();
    await timed(operation, work);
    operation.writes = gate.writes;
    operation.reads = gate.passed.length - gate.writes;
  };
  try {
    await counted(up!, () => stack.up(program));
    await counted(again!, () => stack.up(program));
    await counted(refresh!, () => stack.refresh(program));
    await counted(destroy!, () => stack.destroy());
  } finally {
    stack.remove();
  }
}

async function timed({ seconds }: Operation, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  seconds.push((performance.now() - start) / 1000);
}

main(process.argv.includes('--quick')).then(
  (text) => console.log(text),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
