import { join } from 'node:path';
import { Namespace } from '../../test/kernel/lab/namespace';
import type { Environment, Pod } from '../environment';
import { pidOf } from '../kernel-state';
import type { Scenario } from '../scenario';

const SERVER = '203.0.113.26';
const PORT = '7100';
const ROUNDS = 5;
const SECONDS = '2';

interface Load {
  readonly perSecond: number;
  /** In microseconds. */
  readonly median: number;
  readonly hundredth: number;
  readonly failed: number;
}

/** The path of requests: directly to the server, through the router, or through a pod made by hand. */
const WAYS = ['direct', 'router', 'by hand'] as const;
type Way = (typeof WAYS)[number];

const KINDS = [
  { what: 'sequential new connections', words: ['new', '1'] },
  { what: 'new connections, eight at a time', words: ['new', '8'] },
  { what: 'one persistent connection', words: ['kept', '1'] },
] as const;

/** client → Service → router → server, beside client → server, and beside Debian's macvlan plugin with a DNAT rule. */
export const load: Scenario = {
  name: 'requests and their times',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    environment.installPlugin();
    const egress = environment.makeNamespace('egress');
    const shop = environment.makeNamespace('shop');
    environment.applyExample('standalone', [
      { file: 'router.ts', from: 'targetPort: 80 ', to: `targetPort: ${PORT} ` },
    ]);
    const router = await environment.rolledOut(egress, 'partner');
    const hosts: Record<Way, string> = {
      direct: SERVER,
      router: environment.clusterIp(egress, 'partner'),
      'by hand': await byHand(environment, shop, router.spec.nodeName!),
    };
    const program = join(environment.cluster.folder, 'client');
    environment.cluster.outside.server.namespace.start([program, 'echo', SERVER, PORT], { stdio: 'ignore' });
    await environment.startClient(shop, 'client', environment.nodeBeside(router).name);
    for (const { what, words } of KINDS) {
      const rounds = await measure(environment, shop, hosts, words);
      for (const way of WAYS) report(environment, `${what}: ${way}`, rounds, way);
    }
  },
};

/** Interleaved rounds, so that other load affects all of them. */
async function measure(
  environment: Environment,
  namespace: string,
  hosts: Readonly<Record<Way, string>>,
  [kind, workers]: readonly [string, string],
): Promise<Readonly<Record<Way, Load>>[]> {
  const once = (way: Way) => {
    const target = [hosts[way], way === 'direct' ? PORT : '8080'];
    const words = ['load', kind, ...target, workers, SECONDS];
    return JSON.parse(
      environment.kubectl.run(['exec', `--namespace=${namespace}`, 'client', '--', '/program', ...words]),
    ) as Load;
  };
  for (const way of WAYS) await environment.until(`${way} answers`, () => once(way).failed === 0);
  return Array.from(
    { length: ROUNDS },
    () => Object.fromEntries(WAYS.map((way) => [way, once(way)])) as Record<Way, Load>,
  );
}

function report(
  environment: Environment,
  what: string,
  rounds: readonly Readonly<Record<Way, Load>>[],
  way: Way,
): void {
  const of = (value: (round: Readonly<Record<Way, Load>>) => number) => median(rounds.map(value));
  const failed = rounds.reduce((sum, round) => sum + round[way].failed, 0);
  const text = [
    `${Math.round(of((round) => round[way].perSecond))} a second`,
    `median ${of((round) => round[way].median)} µs`,
    `one in a hundred ${of((round) => round[way].hundredth)} µs`,
    `${of((round) => round[way].median / round.direct.median).toFixed(2)} × direct`,
    `${of((round) => round[way].median / round['by hand'].median).toFixed(2)} × by hand`,
  ].join(', ');
  environment.measurements.add('requests', what, text);
  expect({ what, failed }).toEqual({ what, failed: 0 });
}

const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[values.length >> 1]!;

/**
 * A pod with Debian's macvlan, a static address, and manual commands in its namespace. @returns its Service's address
 */
async function byHand(environment: Environment, namespace: string, node: string): Promise<string> {
  const ipam = {
    type: 'static',
    addresses: [{ address: '192.168.12.97/24' }],
    routes: [{ dst: '203.0.113.0/24', gw: '192.168.12.1' }],
  };
  const config = { cniVersion: '1.0.0', name: 'by-hand', type: 'macvlan', master: 'lan0', mode: 'bridge', ipam };
  const name = 'by-hand';
  const definition = {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name, namespace },
    spec: { config: JSON.stringify(config) },
  };
  environment.kubectl.apply(JSON.stringify(definition));
  await environment.startClient(namespace, name, node, ['pause'], { 'k8s.v1.cni.cncf.io/networks': name });
  const pod = environment.kubectl.get<Pod>('pod', name, `--namespace=${namespace}`);
  using inside = Namespace.ofProcess(`${environment.cluster.outside.unique(name)}`, pidOf(environment, pod));
  inside.set({ 'ipv4/ip_forward': '1' });
  const { status, stderr } = inside.try(['nft', '-f', '-'], BY_HAND);
  if (status !== 0) throw new Error(stderr);
  environment.kubectl.run(['label', `--namespace=${namespace}`, 'pod', name, 'made=by-hand']);
  environment.kubectl.run([
    'expose',
    `--namespace=${namespace}`,
    'pod',
    name,
    '--port=8080',
    '--selector=made=by-hand',
  ]);
  return environment.clusterIp(namespace, name);
}

const BY_HAND = `table ip hand {
  chain prerouting { type nat hook prerouting priority dstnat; iifname eth0 tcp dport 8080 dnat to ${SERVER}:${PORT}; }
  chain postrouting { type nat hook postrouting priority srcnat; oifname net1 masquerade; }
}
`;
