import { App, Chart, Size } from 'cdk8s';
import { Cpu, Namespaces } from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import {
  EgressRouter,
  type EgressRouterProps,
  EgressRouterResource,
  type EgressRouterResourceProps,
  type RedirectRule,
  RouterMode,
  type StandaloneRouterOptions,
} from '../../src';
import { MOST_SERVICE_PORTS } from '../../src/domain/router/object-limits';
import { type Manifest, newChart, only, STANDALONE, synth, synthErrors } from '../support/synth';
import type { ApiServer } from './api-server';
import { describeWithApiServer } from './describe-with-api-server';

const SAMPLES = 400;

/** Mostly good values, so that many samples have one bad value and some have none. */
function mostly<T>(good: T[], bad: unknown[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...(bad as T[])) },
  );
}

const ADDRESS = mostly(
  ['203.0.113.26', '198.51.100.7', '2001:db8::26'],
  ['', 'x', '203.0.113', '203.0.113.26/32', '300.1.1.1', 'fe80::1%eth0', 7],
);

const RULE = fc.record({
  port: mostly([80, 443, 1521, 65535], [0, -1, 65536, 1.5, '80', undefined]),
  protocol: mostly(['TCP', 'UDP', 'SCTP'], ['ICMP', '', 'Tcp6', 6, undefined]),
  destinationIp: ADDRESS,
  targetPort: mostly([undefined, 8443], [0, 70000, '1']),
});

const ROUTER = fc.record({
  metadata: fc.constant({}),
  addresses: mostly(
    [
      [
        { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
        { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
      ],
    ],
    [
      undefined,
      'x',
      [{}],
      [{ ip: 7 }],
      [{ ip: '192.168.12.99/24', gateway: 'x' }],
      [{ ip: '192.168.12.99/24', gateway: '' }],
    ],
  ),
  redirectRules: fc.uniqueArray(RULE, { maxLength: 3, selector: ({ port }) => port }),
  fallbackIp: fc.option(ADDRESS, { nil: undefined }),
  networkInterface: mostly(
    [undefined, { macvlan: {} }, { macvlan: { mode: 'Bridge', master: 'eth1' } }, { macvlan: { mode: 'VEPA' } }],
    [{}, { ipvlan: {} }, { macvlan: { mode: 'Source' } }, { macvlan: { master: 3 } }, 'macvlan'],
  ),
});

const SERVICE = fc.record(
  {
    name: mostly(['other', 'a'.repeat(63)], ['1a', 'A', 'a'.repeat(64), 'a.b']),
    type: mostly(['ClusterIP', 'NodePort', 'LoadBalancer'], ['clusterip', 'ExternalName']),
    annotations: mostly([{ 'example.com/a': 'x y' }], [{ a: 1 }, { 'a b': 'x' }, { '/a': 'x' }, 'x']),
    ports: mostly<object[]>(
      [
        [],
        [{ port: 9180 }],
        [{ port: 10443, targetPort: 443, name: 'https' }],
        [{ port: 443, protocol: 'UDP', targetPort: 443 }],
      ],
      [
        [{ port: 443, nodePort: 30443 }],
        [{ port: 9180, name: 'x'.repeat(64) }],
        [{ port: 9180, name: 'UP' }],
        [
          { port: 9180, name: 'a' },
          { port: 9180, name: 'b' },
        ],
        [{ port: 9180, protocol: 'tcp' }],
      ],
    ),
  },
  { requiredKeys: [] },
);

/** Whole routers of both modes, with what the API server looks at in each object. */
const WHOLE_ROUTER = fc.record(
  {
    isStandalone: fc.constantFrom(true, true, false),
    image: mostly(['registry.example.com/a:1', undefined as unknown as string], [' a', '']),
    metadata: mostly(
      [{}, { labels: { 'example.com/team': 'a_b.C', empty: '' } }, { annotations: { 'a.b/c': '"x": y\n' } }],
      [
        { labels: { a: 'x y' } },
        { labels: { a: 1 } },
        { labels: { 'a/b/c': 'x' } },
        { labels: { a: '-' } },
        { annotations: { 'a b': 'x' } },
        { name: 'A' },
      ],
    ),
    addresses: mostly(
      [
        [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
        [
          { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
          { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
        ],
      ],
      [[]],
    ),
    redirectRules: fc.uniqueArray(RULE, { minLength: 1, maxLength: 3, selector: ({ port }) => port }),
    fallbackIp: fc.option(ADDRESS, { nil: undefined }),
    service: SERVICE,
    resources: mostly(
      [undefined, { cpu: { request: Cpu.millis(5), limit: Cpu.units(1) } }, { memory: { limit: Size.gibibytes(1) } }],
      [{ cpu: { request: Cpu.units(2), limit: Cpu.units(1) } }, { memory: { request: Size.kibibytes(500) } }],
    ),
    scheduling: mostly([undefined, { priorityClassName: 'system-cluster-critical' }], [{ priorityClassName: 'A b' }]),
    failover: mostly([undefined, { blockDrain: true }], [{ blockDrain: 'yes' }]),
    healthPort: mostly([9180, 8081], [0, 65536]),
    allowFrom: fc.boolean(),
    argoCdSyncWave: mostly([0, -3], [1.5, '1']),
  },
  { requiredKeys: ['isStandalone', 'addresses', 'redirectRules'] },
);

/** The custom resource with unchanged values, as written by hand. */
function byHand(name: string, props: Manifest): Manifest {
  const rules = props.redirectRules.map(({ destinationIp, ...rule }: Manifest) => ({
    ...rule,
    destinationIP: destinationIp,
  }));
  return {
    apiVersion: 'network.operator.openshift.io/v1',
    kind: 'EgressRouter',
    metadata: { name, namespace: 'default' },
    spec: {
      addresses: props.addresses,
      networkInterface: props.networkInterface,
      redirect: { redirectRules: rules, fallbackIP: props.fallbackIp },
    },
  };
}

function weAccept(props: object): boolean {
  const chart = newChart();
  new EgressRouterResource(chart, 'r', props as EgressRouterResourceProps);
  return synthErrors(chart).length === 0;
}

/** The options of standalone mode among the members of a sample. */
const STANDALONE_OPTIONS = ['image', 'resources', 'scheduling', 'failover', 'healthPort'];

/** A sample as the props of a router. */
function wholeRouter(sample: Manifest, peers: Namespaces[]): EgressRouterProps {
  const { isStandalone, allowFrom, ...members } = sample;
  const isOption = ([key]: [string, unknown]) => STANDALONE_OPTIONS.includes(key);
  const entries = Object.entries(members);
  const options: StandaloneRouterOptions = Object.fromEntries(entries.filter(isOption));
  return {
    ...Object.fromEntries(entries.filter((entry) => !isOption(entry))),
    mode: isStandalone ? RouterMode.standalone(options) : RouterMode.operator(),
    allowFrom: allowFrom ? peers : undefined,
  } as EgressRouterProps;
}

/** The objects that the server would not create, as `kind/name`. */
function refusedBy(server: ApiServer, manifests: Manifest[]): string[] {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  const args = ['create', '--dry-run=server', '-o', 'name', '--validate=false', '-f', '-'];
  const { stdout } = server.tryKubectl(args, list);
  // kubectl prints `deployment.apps/name`.
  const created = new Set(stdout.split('\n').map((line) => line.replace(/\.[^/]*\//, '/')));
  return manifests
    .map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`)
    .filter((name) => !created.has(name));
}

/** A router with as many rules, each on a port of its own. */
function manyRules(count: number, protocol: string): RedirectRule[] {
  const rules = Array.from({ length: count }, (_, index) => ({
    port: 65_535 - index,
    protocol,
    destinationIp: '203.0.113.26',
    targetPort: 50_443,
  }));
  return rules as unknown as RedirectRule[];
}

function objectsOf(props: Partial<EgressRouterProps>): Manifest[] {
  const chart = new Chart(new App(), 'prod', { namespace: 'default' });
  new EgressRouter(chart, 'r', { ...STANDALONE, ...props });
  return chart.toJson();
}

describeWithApiServer('what the API server refuses', (server) => {
  // Thousands of rules are warned about, which is another test's business.
  beforeAll(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
  afterAll(() => jest.restoreAllMocks());

  test('is refused by us before', () => {
    const samples = fc.sample(ROUTER, { numRuns: SAMPLES, seed: 20 });
    const refused = refusedBy(
      server(),
      samples.map((props, index) => byHand(`r${index}`, props)),
    );
    const onlyThere = samples.filter((props, index) => refused.includes(`egressrouter/r${index}`) && weAccept(props));
    expect(onlyThere).toEqual([]);
    // The samples say something: the server refused many, and we accepted many.
    expect(refused.length).toBeGreaterThan(SAMPLES / 10);
    expect(samples.filter(weAccept).length).toBeGreaterThan(SAMPLES / 10);
  }, 120_000);

  test('is not a router that we accept, in any of its objects', () => {
    const manifests = fc.sample(WHOLE_ROUTER, { numRuns: 2000, seed: 20 }).flatMap((props, index) => {
      const chart = newChart('default');
      const peers = [Namespaces.select(chart, 'Clients', { labels: { team: 'a' } })];
      new EgressRouter(chart, `r${index}`, wholeRouter(props, peers));
      return synthErrors(chart).length === 0 ? synth(chart) : [];
    });
    expect(refusedBy(server(), manifests)).toEqual([]);
    // Many were accepted, and with them every kind of object.
    expect(manifests.filter(({ kind }) => kind === 'Service').length).toBeGreaterThan(60);
    expect(new Set(manifests.map(({ kind }) => kind)).size).toBe(6);
  }, 120_000);

  test('is not a name that we accept', () => {
    const names = ['a', 'a'.repeat(63), 'a-b', 'z9', `a${'-'.repeat(61)}9`];
    const manifests = names.flatMap((name) => objectsOf({ metadata: { name } }));
    expect(refusedBy(server(), manifests)).toEqual([]);
  });

  test('is more ports than we allow, and not fewer', () => {
    const apply = (rules: RedirectRule[]) => {
      const manifests = objectsOf({ redirectRules: rules });
      const yaml = manifests.map((manifest) => JSON.stringify(manifest)).join('\n');
      return server().tryKubectl(['apply', '--server-side', '-f', '-'], yaml);
    };
    // SCTP has the longest port names.
    expect(apply(manyRules(MOST_SERVICE_PORTS, 'SCTP'))).toMatchObject({ status: 0 });
    expect(() => apply(manyRules(MOST_SERVICE_PORTS + 1, 'SCTP'))).toThrow(
      '11001 ports are more than the API server takes in one Service',
    );
    const service = only(objectsOf({}), 'Service');
    service.metadata.name = 'larger';
    service.spec.ports = manyRules(13_000, 'SCTP').map(({ port, protocol }) => ({
      name: `sctp-${port}`,
      port,
      protocol,
    }));
    expect(server().tryKubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(service)).stderr).toContain(
      'request is too large',
    );
  });

  test('is more rules by client-side apply than our warning says', () => {
    const apply = (mode: RouterMode, count: number) => {
      const manifests = objectsOf({
        mode,
        redirectRules: manyRules(count, 'TCP'),
        metadata: { name: `r-${mode.kind}-${count}` },
      });
      return server().tryKubectl(
        ['apply', '-f', '-'],
        manifests.map((manifest) => JSON.stringify(manifest)).join('\n'),
      );
    };
    for (const [mode, accepted, refused] of [
      [STANDALONE.mode!, 4900, 5200],
      [RouterMode.operator(), 3100, 3300],
    ] as const) {
      expect(apply(mode, accepted)).toMatchObject({ status: 0 });
      expect(apply(mode, refused).stderr).toContain('Too long: may not be more than 262144 bytes');
    }
  });
});
