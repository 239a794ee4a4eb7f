import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { EgressRouter, EgressRouterCluster, type EgressRouterHost, type ServiceIpRange } from '../../src';
import { type Manifest, standalone, synth, synthErrors } from '../support/synth';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-ips-'));
  file = join(folder, 'service-ips.json');
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const host = (name: string, changes: object = {}): EgressRouterHost => ({
  name,
  ports: [443],
  addresses: ['203.0.113.26'],
  ...changes,
});

const clusterOf = (changes: Partial<ServiceIpRange> = {}, props: object = {}) =>
  new EgressRouterCluster('prod', { serviceIps: { ranges: ['172.30.0.16/28'], file, ...changes }, ...props });

function chartOf(hosts: readonly EgressRouterHost[], cluster = clusterOf()): { chart: Chart; router: EgressRouter } {
  const chart = new Chart(new App(), 'prod', { namespace: 'egress' });
  const addresses = [
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
  ];
  return { chart, router: new EgressRouter(chart, 'partners', standalone({ addresses, hosts: [...hosts], cluster })) };
}

/** Cluster IPs of the hosts' Services by the host's part of their names. */
function ipsOf(hosts: readonly EgressRouterHost[], cluster = clusterOf()): Record<string, string> {
  const services = synth(chartOf(hosts, cluster).chart).filter(
    ({ kind, spec }) => kind === 'Service' && spec.clusterIP,
  );
  return Object.fromEntries(services.map(({ metadata, spec }: Manifest) => [metadata.name.slice(9), spec.clusterIP]));
}

const errorsOf = (hosts: readonly EgressRouterHost[], cluster = clusterOf()) =>
  synthErrors(chartOf(hosts, cluster).chart);
const content = () => JSON.parse(readFileSync(file, 'utf8')).addresses;

test('hosts get the lowest free addresses of the range, and the file keeps them', () => {
  expect(ipsOf([host('a.example'), host('b.example')])).toEqual({
    'a-example': '172.30.0.16',
    'b-example': '172.30.0.17',
  });
  expect(content()).toEqual({
    'prod/egress/partners/a.example/IPv4': '172.30.0.16',
    'prod/egress/partners/b.example/IPv4': '172.30.0.17',
  });
  expect(readdirSync(folder)).toEqual(['service-ips.json']);
});

test('an address never moves: not when hosts come before it, nor when others are removed', () => {
  ipsOf([host('b.example'), host('c.example')]);
  expect(ipsOf([host('a.example'), host('c.example')])).toEqual({
    'a-example': '172.30.0.18',
    'c-example': '172.30.0.17',
  });
  expect(content()).toHaveProperty(['prod/egress/partners/b.example/IPv4'], '172.30.0.16');
});

test('any sequence of hosts keeps the address of each host', () => {
  const names = Array.from({ length: 8 }, (_, index) => `h${index}.example`);
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: 1 }), (some) => {
      const found = Object.entries(ipsOf(some.map((name) => host(name))));
      for (const [name, ip] of found) expect(seen.get(name) ?? ip).toBe(ip);
      for (const [name, ip] of found) seen.set(name, ip);
      expect(new Set(seen.values()).size).toBe(seen.size);
    }),
    { numRuns: 10 },
  );
});

test('a host of both families gets an address of each range', () => {
  const both = host('a.example', { addresses: ['203.0.113.26', '2001:db8:113::26'] });
  const { chart, router } = chartOf([both], clusterOf({ ranges: ['172.30.0.16/28', 'fd00:30::/112'] }));
  expect(router.hostAliases).toEqual([
    { ip: '172.30.0.16', hostnames: ['a.example'] },
    { ip: 'fd00:30::', hostnames: ['a.example'] },
  ]);
  synth(chart);
  expect(Object.keys(content())).toEqual([
    'prod/egress/partners/a.example/IPv4',
    'prod/egress/partners/a.example/IPv6',
  ]);
});

test('an address that a host gives is not taken for another, and needs no entry', () => {
  const given = host('a.example', { clusterIps: ['172.30.0.16'] });
  expect(ipsOf([given, host('b.example')])).toEqual({ 'a-example': '172.30.0.16', 'b-example': '172.30.0.17' });
  expect(Object.keys(content())).toEqual(['prod/egress/partners/b.example/IPv4']);
});

test('an address that a later declaration gives is not taken: of a host, or of the Service of another router', () => {
  const { chart, router } = chartOf([host('a.example')]);
  router.addHost(host('b.example', { clusterIps: ['172.30.0.16'] }));
  new EgressRouter(
    chart,
    'later',
    standalone({
      ...{ addresses: [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }], cluster: router.cluster },
      ...{ service: { clusterIp: '172.30.0.17' } },
    }),
  );
  const ips = synth(chart).flatMap(({ kind, spec }) => (kind === 'Service' && spec.clusterIP) || []);
  expect(ips.sort()).toEqual(['172.30.0.16', '172.30.0.17', '172.30.0.18']);
  expect(content()).toEqual({ 'prod/egress/partners/a.example/IPv4': '172.30.0.18' });
});

test('addresses that the cluster keeps for itself are not taken', () => {
  const hosts = Array.from({ length: 5 }, (_, index) => host(`h${index}.example`));
  const shared = clusterOf({ ranges: ['172.30.0.0/28'] }, { serviceCidrs: ['172.30.0.0/16'] });
  expect(Object.values(ipsOf(hosts, shared))).toEqual([2, 3, 4, 5, 6].map((octet) => `172.30.0.${octet}`));
  rmSync(file);
  const dedicated = clusterOf({ ranges: ['172.31.0.0/30'], dedicated: true });
  expect(Object.values(ipsOf(hosts.slice(0, 2), dedicated))).toEqual(['172.31.0.1', '172.31.0.2']);
  rmSync(file);
  expect(errorsOf(hosts.slice(0, 3), dedicated)).toEqual([
    expect.stringMatching(
      /cluster.serviceIps.ranges: "172.31.0.0\/30" has no free address for prod\/egress\/partners\/h2.example\/IPv4; accepted: a larger range/,
    ),
  ]);
});

test('nothing is written when synth fails, and nothing when nothing changed', () => {
  expect(errorsOf([host('a.example'), host('*.example')])).toHaveLength(1);
  expect(existsSync(file)).toBe(false);
  ipsOf([host('a.example')]);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('\n', '\r\n'));
  ipsOf([host('a.example')]);
  expect(readFileSync(file, 'utf8')).toContain('\r\n');
  rmSync(file);
  ipsOf([]);
  expect(existsSync(file)).toBe(false);
});

test('a frozen file gets nothing added: the error lists what is missing', () => {
  ipsOf([host('a.example')]);
  const before = readFileSync(file, 'utf8');
  expect(ipsOf([host('a.example')], clusterOf({ frozen: true }))).toEqual({ 'a-example': '172.30.0.16' });
  expect(errorsOf([host('a.example'), host('b.example'), host('c.example')], clusterOf({ frozen: true }))).toEqual([
    `[prod/partners] cluster.serviceIps.file: "${file.slice(0, 120)}" is frozen and has no address for ` +
      'prod/egress/partners/b.example/IPv4, prod/egress/partners/c.example/IPv4; accepted: the file with these, as synth without frozen writes it',
  ]);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test.each([
  ['{', 'cluster.serviceIps.file: FILE is not JSON; accepted: a file of synth as it was'],
  ['[]', 'FILE: (the whole file): [] is not an object'],
  ['{"adresses":{}}', 'FILE: adresses: {} is an unknown key (did you mean "addresses"?)'],
  [
    '{"addresses":{"x":"172.30.0.16"}}',
    'FILE: addresses.x: "172.30.0.16" has a key that names no host; accepted: "CLUSTER/NAMESPACE/ROUTER/HOST/IPv4"',
  ],
  [
    '{"addresses":{"prod/egress/r/a.example/IPv4":"fd00::1"}}',
    'FILE: addresses."prod/egress/r/a.example/IPv4": "fd00::1" is not an IPv4 address',
  ],
  [
    '{"addresses":{"prod/n/r/a.example/IPv4":"172.30.0.16","prod/n/r/b.example/IPv4":"172.30.0.16"}}',
    'FILE: addresses."prod/n/r/b.example/IPv4": "172.30.0.16" is the address of addresses."prod/n/r/a.example/IPv4" already; accepted: each address once',
  ],
  [
    '{"addresses":{"prod/egress/partners/a.example/IPv4":"172.30.9.9"}}',
    'cluster.serviceIps.ranges: "172.30.0.16/28" does not contain 172.30.9.9, which FILE has for prod/egress/partners/a.example/IPv4',
  ],
])('a file %s is refused, and stays as it is', (text, message) => {
  writeFileSync(file, text);
  const errors = errorsOf([host('a.example')]).map((line) =>
    line.replaceAll(`"${file}"`, 'FILE').replaceAll(file, 'FILE'),
  );
  expect(errors.length).toBeGreaterThan(0);
  expect(errors[0]).toContain(message);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a file that cannot be written ends synth with its name, and leaves no other file', () => {
  const other = join(folder, 'missing', 'service-ips.json');
  expect(() => ipsOf([host('a.example')], clusterOf({ file: other }))).toThrow(
    `serviceIps.file: ${other} cannot be written: ENOENT`,
  );
  chmodSync(folder, 0o700);
  expect(readdirSync(folder)).toEqual([]);
});

test('two routers of an app get different addresses, and one cluster IP twice is refused', () => {
  const { chart } = chartOf([host('a.example')]);
  const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  new EgressRouter(chart, 'other', standalone({ addresses, hosts: [host('a.example')], cluster: clusterOf() }));
  synth(chart);
  expect(content()).toMatchObject({ 'prod/egress/other/a.example/IPv4': '172.30.0.17' });
  const twice = chartOf([host('a.example', { clusterIps: ['172.30.0.20'] })]);
  const hosts = [host('b.example', { clusterIps: ['172.30.0.20'] })];
  new EgressRouter(twice.chart, 'other', standalone({ addresses, hosts, cluster: clusterOf() }));
  expect(synthErrors(twice.chart)).toEqual([
    expect.stringMatching(
      /^\[prod\/other\] service: "cluster IP 172.30.0.20" is also asked for by the Service of \[prod\/partners\]/,
    ),
  ]);
});

test('a cluster IP outside the network of the Services is refused, one that the cluster gives out is warned about', () => {
  const cluster = clusterOf({}, { serviceCidrs: ['172.30.0.0/16'] });
  expect(errorsOf([host('a.example', { clusterIps: ['10.96.0.9'] })], cluster)).toEqual([
    `[prod/partners] hosts[0].clusterIps[0]: "10.96.0.9" is outside the network of the cluster's Services; accepted: an address in 172.30.0.0/16, or none`,
  ]);
  for (const kept of ['172.30.0.0', '172.30.0.1', '172.30.255.255'])
    expect(errorsOf([host('a.example', { clusterIps: [kept] })], cluster)).toEqual([
      `[prod/partners] hosts[0].clusterIps[0]: "${kept}" is an address that the cluster keeps for itself; accepted: another address in 172.30.0.0/16, or none`,
    ]);
  const warningsOf = (ip: string) => chartOf([host('a.example', { clusterIps: [ip] })], cluster).router.warnings;
  expect(warningsOf('172.30.1.0')).toEqual([]);
  expect(warningsOf('172.30.0.10')).toEqual([
    "hosts: cluster IP 172.30.0.10 is the address in 172.30.0.0/16 that the cluster's DNS Service has by convention; " +
      'choose another one near the start of the network',
  ]);
  expect(warningsOf('172.30.1.1')).toEqual([
    expect.stringMatching(
      /^hosts: cluster IP 172.30.1.1 is in the part of 172.30.0.0\/16 from which the cluster gives Services an address by itself/,
    ),
  ]);
  const ofRouter = (clusterIp: string) => {
    const props = standalone({ service: { clusterIp }, cluster });
    return new EgressRouter(new Chart(new App(), 'prod', { namespace: 'egress' }), 'partners', props).warnings;
  };
  expect(ofRouter('172.30.0.11')).toEqual([]);
  expect(ofRouter('172.30.0.10')).toEqual([
    expect.stringMatching(/^service.clusterIp: 172.30.0.10 is the address in 172.30.0.0\/16 that the cluster's DNS /),
  ]);
  expect(ofRouter('172.30.9.9')).toEqual([
    expect.stringMatching(
      /^service.clusterIp: 172.30.9.9 is in the part of 172.30.0.0\/16 from which the cluster gives /,
    ),
  ]);
  const dedicated = clusterOf({ ranges: ['172.31.0.0/16'], dedicated: true }, { serviceCidrs: ['172.30.0.0/16'] });
  const ofDedicated = (ip: string) => chartOf([host('a.example', { clusterIps: [ip] })], dedicated).router.warnings;
  expect(ofDedicated('172.31.0.1')).toEqual([]);
  expect(ofDedicated('172.31.0.10')).toEqual([]);
  expect(ofDedicated('172.31.1.0')).toEqual([]);
  // The cluster gives addresses of every ServiceCIDR to other Services.
  expect(ofDedicated('172.31.9.9')).toEqual([expect.stringContaining('172.31.9.9 is in the part of 172.31.0.0/16')]);
});

test.each([
  [{ ranges: [] }, 'serviceIps.ranges: [] is empty; accepted: a list of networks, one of each family'],
  [
    { ranges: ['172.30.0.17/28'] },
    'serviceIps.ranges[0]: "172.30.0.17/28" is an address within its range, whose own address is 172.30.0.16',
  ],
  [
    { ranges: ['172.30.0.16/28', '172.30.0.32/28'] },
    'serviceIps.ranges[1]: "172.30.0.32/28" is a second IPv4 range beside serviceIps.ranges[0]',
  ],
  [
    { ranges: ['10.0.0.0/28'] },
    `serviceIps.ranges[0]: "10.0.0.0/28" is outside the network of the cluster's Services; accepted: a part of 172.30.0.0/16, or a dedicated range`,
  ],
  [{ file: '' }, 'serviceIps.file: "" is empty; accepted: the path of a file, such as "service-ips.json"'],
  [{ frozen: 'yes' as never }, 'serviceIps.frozen: "yes" is not a boolean'],
  [{ frozn: true }, 'serviceIps.frozn: true is an unknown key (did you mean "frozen"?)'],
])('serviceIps with %j: %s', (changes, text) => {
  expect(() => clusterOf(changes as never, { serviceCidrs: ['172.30.0.0/16'] })).toThrow(text);
});
