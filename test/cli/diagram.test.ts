import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { clientLines } from '../../cli/diagram/clients';
import { fleetPicture } from '../../cli/diagram/fleet-picture';
import { fittingMermaid, mermaidText } from '../../cli/diagram/mermaid-text';
import { routersPicture } from '../../cli/diagram/router-picture';
import { svgText } from '../../cli/diagram/svg/svg-text';
import { runCommand } from '../../cli/run-command';
import { fleetManifests } from '../support/fleet-manifests';
import { blocksOf } from '../support/markdown';
import { definition, edited, fixture, inventoryOf, OPERATORS, RESOLVING } from './manifests';

const ROOT = resolve(__dirname, '../..');
const STANDALONE = fixture('standalone');

const pictureOf = (...texts: string[]) => routersPicture(inventoryOf(...texts).routers);
const overviewOf = (text: string) => fleetPicture(inventoryOf(text).routers);

/** What a node says, by its caption. */
function texts(picture: ReturnType<typeof pictureOf>, caption: string): string[][] {
  return picture.nodes
    .filter((node) => node.caption === caption)
    .map(({ title, lines }) => [...(title === undefined ? [] : [title]), ...lines]);
}

function edgesOf({ nodes, edges }: ReturnType<typeof pictureOf>): string[] {
  const name = (id: string) => {
    const { title, caption } = nodes.find((node) => node.id === id)!;
    return title ?? caption;
  };
  return edges.map(({ from, to }) => `${name(from)} → ${name(to)}`).sort();
}

test('a router, from its clients to its destinations', () => {
  const picture = pictureOf(STANDALONE);
  expect(edgesOf(picture)).toEqual([
    'clients → partner',
    "default route's → gateways",
    'eth0 → net1',
    'gateways → 2001:db8:113::26',
    'gateways → 203.0.113.25',
    'gateways → 203.0.113.26',
    "net1 → default route's",
    'partner → eth0',
  ]);
  expect(texts(picture, 'Service')).toEqual([['partner', '80 UDP', '8080 TCP', '8443 TCP']]);
  expect(texts(picture, 'macvlan interface')).toEqual([
    ['net1', '192.168.12.99/24', '2001:db8:12::99/64', 'MAC e2:65:c0:a8:0c:63'],
  ]);
  expect(texts(picture, 'gateways')).toEqual([['192.168.12.1', 'fe80::1']]);
  expect(texts(picture, 'destination')).toContainEqual(['203.0.113.26', '8080 TCP → 80', '8443 TCP → 443']);
  expect(picture.groups.map(({ title }) => title)).toEqual(['a node of the cluster', 'router pod egress/partner']);
});

test("an operator's router: no MAC that is known, and a fallback that its plugin ignores", () => {
  const picture = pictureOf(fixture('okd'));
  expect(texts(picture, 'macvlan interface')[0]).toContain('MAC: new at every start');
  expect(texts(picture, 'destination')).toContainEqual([
    '203.0.113.27',
    "every other port (the operator's plugin ignores it)",
  ]);
});

test('a server in the subnet is reached without the gateway', () => {
  const config = { ...OPERATORS, ip: { ...OPERATORS.ip, destinations: ['80 UDP 192.168.12.7'] } };
  expect(edgesOf(pictureOf(definition('router', config)))).toEqual(
    expect.arrayContaining(["default route's → 192.168.12.7", 'gateway → 203.0.113.27']),
  );
});

test('a server of a host says the name and the port that clients use', () => {
  const hosts = [{ name: 'api.bank.example', ports: ['24854 TCP 443'], addresses: ['203.0.113.26'] }];
  const ip = { ...OPERATORS.ip, fallbackIP: undefined, destinations: [], hosts };
  expect(texts(pictureOf(definition('router', { ...OPERATORS, ip })), 'destination')).toEqual([
    ['203.0.113.26', 'api.bank.example 443 TCP'],
  ]);
});

test('a host without addresses is a destination by its name, behind the gateway', () => {
  const picture = pictureOf(definition('router', RESOLVING));
  expect(texts(picture, 'destination')).toEqual([
    ['203.0.113.25', '80 UDP'],
    ['api.bank.example', '443 TCP'],
    ['licence.vendor.example', '27000 TCP', 'DNS, within 198.51.100.0/24'],
  ]);
  expect(edgesOf(picture)).toContain('gateway → api.bank.example');
});

test('in a fleet, names are destinations of their own, and one box where there are too many', () => {
  const fleetOf = (count: number) => {
    const routers = Array.from({ length: count }, (_, index) => {
      const hosts = [{ name: `h${index}.example`, ports: ['20000 TCP 443'] }];
      const ip = { ...RESOLVING.ip, addresses: [`192.168.12.${index + 10}/24`], hosts };
      return definition(`r${index}`, { ...RESOLVING, name: `r${index}`, ip });
    });
    return fleetPicture(inventoryOf(...routers).routers).nodes.filter(({ kind }) => kind === 'destination');
  };
  expect(fleetOf(2).map(({ title }) => title)).toEqual(['203.0.113.25', 'h0.example', 'h1.example']);
  expect(fleetOf(20).at(-1)).toMatchObject({ caption: '20 destinations of 20 routers', title: 'names' });
});

test('a router without a gateway is drawn without one', () => {
  const ip = { addresses: ['192.168.12.99/24'], destinations: ['80 UDP 192.168.12.7'] };
  const { nodes } = pictureOf(definition('router', { ...OPERATORS, ip }));
  expect(nodes.map(({ kind }) => kind)).not.toContain('lan');
});

test('an interface of a VLAN, in another mode, with an MTU', () => {
  const interfaceArgs = { mode: 'private', master: 'bond0.120', mtu: '1400' };
  const picture = pictureOf(definition('router', { ...OPERATORS, interfaceArgs }));
  expect(texts(picture, 'parent interface')).toEqual([['bond0.120', 'VLAN 120, by its name', 'MTU of net1: 1400']]);
  expect(texts(picture, 'macvlan interface, private mode')).toHaveLength(1);
});

test('long lists end with how many more there are', () => {
  const rules = Array.from({ length: 30 }, (_, index) => `${1000 + index} TCP 203.0.113.${1 + (index % 20)}`);
  const one = Array.from({ length: 20 }, (_, index) => `${2000 + index} TCP 203.0.113.1`);
  const ip = { ...OPERATORS.ip, destinations: [...rules, ...one] };
  const { nodes } = pictureOf(definition('router', { ...OPERATORS, ip }));
  const destinations = nodes.filter(({ kind }) => kind === 'destination');
  expect(destinations).toHaveLength(12);
  expect(destinations[0]!.lines).toHaveLength(8);
  expect(destinations[0]!.lines.at(-1)).toBe('… and 15 more');
  expect(destinations[11]!.caption).toBe('10 more destinations');
});

test('the Services of many hosts end with how many more there are', () => {
  const name = 'name: partners-db-partner-example';
  const service = fixture('hosts')
    .split('\n---\n')
    .find((text) => text.includes(`${name}\n`))!;
  const more = Array.from({ length: 20 }, (_, index) => service.replace(name, `${name}-${index}`));
  const { nodes, edges } = pictureOf([fixture('hosts'), ...more].join('\n---\n'));
  const services = nodes.filter(({ kind }) => kind === 'service');
  expect(services).toHaveLength(12);
  expect(services[11]).toMatchObject({ caption: '13 more Services', lines: [] });
  expect(edges.filter(({ from, to }) => [from, to].includes(services[11]!.id))).toHaveLength(2);
});

describe('clients', () => {
  const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };

  function clientsOf(...specs: Readonly<Record<string, unknown>>[]): readonly string[] {
    const podSelector = { matchLabels: { 'app.kubernetes.io/instance': 'partner' } };
    const policies = specs.map((spec, index) =>
      JSON.stringify({
        ...POLICY,
        metadata: { name: `p${index}`, namespace: 'egress' },
        spec: { podSelector, ...spec },
      }),
    );
    return clientLines(inventoryOf(STANDALONE, ...policies).routers[0]!);
  }

  const from = (...peers: unknown[]) => ({ ingress: [{ from: peers }] });
  const at = (...ports: unknown[]) => ({ ingress: [{ ports }] });

  test.each<[what: string, specs: Readonly<Record<string, unknown>>[], lines: string[]]>([
    ['no policy', [], ['any pod of the cluster']],
    ['a policy for what the router sends', [{ policyTypes: ['Egress'], egress: [] }], ['any pod of the cluster']],
    ['a policy that admits no clients', [{ policyTypes: ['Ingress'] }], ['no clients (by NetworkPolicy)']],
    ['a rule for every client', [{ ingress: [{}] }], ['any pod of the cluster']],
    ['a rule for every client, at one port', [at({ port: 8443 })], ['any pod of the cluster, at 8443 TCP']],
    ['a port that the router does not have', [at({ port: 80 }, { port: 9180 })], ['no clients (by NetworkPolicy)']],
    ['all of its ports', [at({ port: 80, protocol: 'UDP' }, { protocol: 'TCP' })], ['any pod of the cluster']],
    ['a range of ports', [at({ port: 8000, endPort: 8079 })], ['no clients (by NetworkPolicy)']],
    ['a larger range of ports', [at({ port: 8000, endPort: 9000 })], ['any pod of the cluster, at 8080 TCP, 8443 TCP']],
    ['a name of a port that the pod does not have', [at({ port: 'https' })], ['no clients (by NetworkPolicy)']],
    [
      'ports of several policies, together',
      [at({ port: 8443 }), at({ port: 80, protocol: 'UDP' }), at({ port: 8443 })],
      ['any pod of the cluster, at 8443 TCP, 80 UDP'],
    ],
    [
      'no pod of the namespace, except one client',
      [{ podSelector: {} }, from({ podSelector: { matchLabels: { app: 'web' } } })],
      ['pods app=web in namespace egress'],
    ],
    ['no pod of the namespace', [{ podSelector: {}, policyTypes: ['Ingress'] }], ['no clients (by NetworkPolicy)']],
    ['no pod of the namespace, without a selector', [{ podSelector: undefined }], ['no clients (by NetworkPolicy)']],
    [
      'a policy for other pods',
      [
        {
          podSelector: {
            matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'NotIn', values: ['egress-router'] }],
          },
        },
      ],
      ['any pod of the cluster'],
    ],
    [
      'a policy for pods that have a label',
      [{ podSelector: { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'Exists' }] } }],
      ['no clients (by NetworkPolicy)'],
    ],
    [
      'a policy for pods whose label is empty',
      [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': '' } } }],
      ['any pod of the cluster'],
    ],
    ['pods here', [from({ podSelector: { matchLabels: { app: 'web' } } })], ['pods app=web in namespace egress']],
    ['all pods here', [from({ podSelector: {} })], ['any pod in namespace egress']],
    [
      'a namespace by its name',
      [from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } })],
      ['any pod in namespace web'],
    ],
    [
      'namespaces by labels, and pods in them',
      [
        from({
          namespaceSelector: { matchLabels: { team: 'a', stage: 'prod' } },
          podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['x', 'y'] }] },
        }),
      ],
      ['pods app in (x, y) in namespaces team=a, stage=prod'],
    ],
    [
      'other expressions',
      [
        from({
          namespaceSelector: {},
          podSelector: {
            matchExpressions: [
              { key: 'a', operator: 'Exists' },
              { key: 'b', operator: 'DoesNotExist' },
              { key: 'c', operator: 'NotIn', values: ['d'] },
            ],
          },
        }),
      ],
      ['pods a, !b, c notin (d) in any namespace'],
    ],
    [
      'addresses',
      [from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } })],
      ['addresses 10.0.0.0/8 except 10.1.0.0/16'],
    ],
    [
      'two policies, together',
      [from({ podSelector: {} }), from({ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8' } })],
      ['any pod in namespace egress', 'addresses 10.0.0.0/8'],
    ],
    [
      'Prometheus, at the health port',
      [
        {
          ingress: [
            { from: [{ namespaceSelector: {} }], ports: [{ port: 9180 }] },
            ...from({ podSelector: {} }).ingress,
          ],
        },
      ],
      ['any pod in namespace egress'],
    ],
    ['every client, among others', [from({ podSelector: {} }), { ingress: [{}] }], ['any pod of the cluster']],
  ])('%s', (_what, specs, lines) => expect(clientsOf(...specs)).toEqual(lines));

  test('of a router with a fallback, which listens on every port', () => {
    const ports = [
      { port: 8443 },
      { port: 53, protocol: 'UDP' },
      { port: 30000, endPort: 32767 },
      { protocol: 'SCTP' },
    ];
    const spec = { podSelector: {}, ingress: [{ ports }] };
    const policy = JSON.stringify({ ...POLICY, metadata: { name: 'p', namespace: 'egress' }, spec });
    expect(clientLines(inventoryOf(fixture('okd'), policy).routers[0]!)).toEqual([
      'any pod of the cluster, at 8443 TCP, 53 UDP, 30000–32767 TCP, every SCTP port',
    ]);
  });

  test('by the name of a port that the pod has', () => {
    const named = edited(STANDALONE, ['            - containerPort: 9180\n', '            - containerPort: 8443\n']);
    const spec = { podSelector: {}, ingress: [{ ports: [{ port: 'health' }] }] };
    const policy = JSON.stringify({ ...POLICY, metadata: { name: 'p', namespace: 'egress' }, spec });
    expect(clientLines(inventoryOf(named, policy).routers[0]!)).toEqual(['any pod of the cluster, at 8443 TCP']);
  });
});

describe('an overview', () => {
  test('names each router with its addresses, by namespace', () => {
    const [first, second, ...others] = overviewOf(fleetManifests(2, 2)).nodes;
    expect(first).toMatchObject({ caption: 'namespace, 2 routers', title: 'team-000' });
    expect(first!.items).toEqual(['router-0 10.20.1.1 e2:65:0a:14:01:01', 'router-2 10.20.1.3 e2:65:0a:14:01:03']);
    expect(second!.lines).toEqual(['ens4, 10.20.0.0/16']);
    expect(others.map(({ title }) => title)).toContain('203.0.113.10');
  });

  test('leaves out unknown MAC addresses, and those of many routers, which follow from the addresses', () => {
    expect(overviewOf(fixture('okd')).nodes[0]!.items).toEqual(['egress-1 192.168.12.99']);
    expect(overviewOf(fleetManifests(2, 30)).nodes[1]!.items![0]).toBe('router-1  10.20.1.2  e2:65:0a:14:01:02');
    expect(overviewOf(fleetManifests(2, 31)).nodes[1]!.items![0]).toBe('router-1  10.20.1.2');
  });

  test('names the clients of a namespace, if NetworkPolicies do', () => {
    const POLICY = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'egress' },
    };
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }];
    const podSelector = { matchLabels: { 'app.kubernetes.io/instance': 'partner' } };
    const policy = JSON.stringify({ ...POLICY, spec: { podSelector, ingress } });
    const second = edited(
      STANDALONE.replaceAll(/(name|instance): partner$/gm, '$1: second').replace('"name":"partner"', '"name":"second"'),
    );
    const linesOf = (...texts: string[]) => fleetPicture(inventoryOf(...texts).routers).nodes[0]!.lines;
    const network = 'default interface, 192.168.12.0/24';
    expect(linesOf(STANDALONE)).toEqual([network, expect.any(String)]);
    expect(linesOf(STANDALONE, policy).slice(2)).toEqual(['for pods app=web in namespace egress']);
    expect(linesOf(STANDALONE, second, policy).slice(2)).toEqual([
      'for pods app=web in namespace egress (1 of 2 routers)',
      'for any pod of the cluster (1 of 2 routers)',
    ]);
  });

  test('leads to where its routers do, and nowhere else', () => {
    const edges = edgesOf(overviewOf(fleetManifests(3, 1)));
    expect(edges).toContain('team-000 → 192.0.2.10');
    expect(edges).toContain('team-001 → 203.0.113.11');
    expect(edges).toHaveLength(7);
  });

  test('puts many destinations together as subnets, with their ports and how many routers lead there', () => {
    const destinations = overviewOf(fleetManifests(15, 20)).nodes.filter(({ kind }) => kind === 'destination');
    expect(destinations).toMatchObject([
      {
        caption: '30 destinations of 100 routers',
        title: '192.0.2.0/24',
        lines: ['192.0.2.10 … 192.0.2.97', 'any port'],
      },
      { caption: '7 destinations of 300 routers', title: '198.51.100.0/24' },
      {
        caption: '40 destinations of 300 routers',
        title: '203.0.113.0/24',
        lines: ['203.0.113.10 … 203.0.113.49', '443 TCP'],
      },
    ]);
  });

  test('puts many namespaces together by where they lead, and still names each router', () => {
    const { nodes } = overviewOf(fleetManifests(300, 1));
    const sources = nodes.filter(({ kind }) => kind === 'routers');
    expect(sources.map(({ caption, title }) => `${caption}: ${title}`)).toEqual([
      '100 namespaces, 100 routers: team-000 … team-297',
      '200 namespaces, 200 routers: team-001 … team-299',
    ]);
    expect(sources.flatMap(({ items }) => items)).toHaveLength(300);
    expect(sources[0]!.items![1]).toBe('team-003/router-3   10.20.1.4');
  });

  test('names the namespaces as people count, and of a thousand routers how many each has', () => {
    const config = { ...OPERATORS.ip, destinations: ['80 TCP 203.0.113.25'], fallbackIP: undefined };
    const documents = Array.from({ length: 40 * 25 }, (_, index) => {
      const addresses = [`10.20.${Math.floor(index / 250)}.${1 + (index % 250)}/16`];
      const ip = { ...config, addresses, gateway: '10.20.255.1' };
      return {
        ...JSON.parse(definition('r', { ...OPERATORS, ip })),
        metadata: { name: `r${index}`, namespace: `ns${index % 40}` },
      };
    });
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents });
    const [box] = overviewOf(list).nodes;
    expect(box).toMatchObject({ caption: '40 namespaces, 1000 routers', title: 'ns0 … ns39' });
    expect(box!.items).toEqual(Array.from({ length: 40 }, (_, index) => `${`ns${index}`.padEnd(4)} 25 routers`));
  });

  test.each([
    [1, 1],
    [40, 25],
    [1000, 1],
    [1, 3000],
    [7, 77],
  ])('stays readable: %i namespaces of %i routers', (namespaces, each) => {
    const manifests = fleetManifests(namespaces, each);
    const { nodes, edges } = overviewOf(manifests);
    expect(nodes.length).toBeLessThanOrEqual(42);
    expect(edges.length).toBeLessThanOrEqual(120);
    const { routers } = inventoryOf(manifests);
    expect(fittingMermaid((most) => fleetPicture(routers, most)).length).toBeLessThanOrEqual(50_000);
  });

  test('of destinations without anything in common', () => {
    const ip = (index: number) => ({ ...OPERATORS.ip, destinations: [`80 TCP ${20 + index}.1.1.1`] });
    const routers = Array.from({ length: 30 }, (_, index) => {
      return definition(`r${index}`, { ...OPERATORS, ip: { ...ip(index), fallbackIP: undefined } });
    });
    const { nodes } = fleetPicture(inventoryOf(...routers).routers);
    expect(nodes[1]).toMatchObject({ title: 'IPv4', lines: ['20.1.1.1 … 49.1.1.1', '80 TCP'] });
  });
});

test('the same picture for the same manifests, in any order', () => {
  const documents = JSON.parse(fleetManifests(4, 5)).items as unknown[];
  const texts = [documents, [...documents].reverse()].map((items) => JSON.stringify({ kind: 'List', items }));
  const [first, second] = texts.map((text) => svgText(overviewOf(text)));
  expect(first).toBe(second);
  expect(mermaidText(pictureOf(STANDALONE))).toBe(
    mermaidText(pictureOf(STANDALONE.split('---\n').reverse().join('---\n'))),
  );
});

describe('the command', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-diagram-'));
    mkdirSync(join(folder, 'dist'));
    cpSync(join(ROOT, 'test/fixtures/standalone.k8s.yaml'), join(folder, 'dist/standalone.k8s.yaml'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]) {
    const written: string[] = [];
    const notes: string[] = [];
    const output = {
      write: (text: string) => written.push(text),
      note: (lines: readonly string[]) => notes.push(...lines),
    };
    return { status: runCommand(['diagram', ...args], output), stdout: written.join(''), notes };
  }

  test('Mermaid on standard output, SVG in a file', () => {
    expect(run(folder)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^flowchart LR\n/), notes: [] });
    const file = join(folder, 'out.svg');
    expect(run(folder, '--format=svg', `--output=${file}`)).toEqual({ status: 0, stdout: '', notes: [] });
    expect(readFileSync(file, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  test.each([
    [3, [], 'in full'],
    [4, [], 'as an overview'],
    [1, ['--overview'], 'as an overview'],
    [4, ['--router=router-2'], 'in full'],
  ])('%i routers with %j are drawn %s', (count, flags, how) => {
    const file = join(folder, 'fleet.json');
    writeFileSync(file, fleetManifests(1, count));
    const { stdout } = run(file, ...flags);
    expect(stdout.includes('subgraph')).toBe(how === 'in full');
    expect(stdout.match(/macvlan interface/g) ?? []).toHaveLength(
      how === 'in full' ? (flags.length === 0 ? count : 1) : 0,
    );
  });

  test.each<[args: string[], message: string]>([
    [[], 'diagram: give a file, a folder, or - for standard input'],
    [['dist', '--format=SVG'], 'diagram: --format: unknown format "SVG"; did you mean svg?'],
    [['dist', '--format=png'], 'diagram: --format: unknown format "png"; accepted: mermaid, svg'],
    [['dist', '--svg'], 'diagram: unknown flag --svg; accepted: --format, --output, --router, --overview'],
    [['dist', '--overview', '--router=x'], 'diagram: --overview and --router exclude each other'],
    [['dist', '--router=other'], '--router: unknown router other; accepted: egress/partner'],
    [['none'], 'none: no such file or folder; accepted: manifests, a folder of them, or - for standard input'],
    [
      ['dist', '--output=none/out.svg'],
      '--output: none/out.svg: cannot be written (ENOENT); accepted: a file in an existing folder',
    ],
  ])('%j is refused', (args, message) => {
    const own = process.cwd();
    process.chdir(folder);
    try {
      expect(run(...args)).toEqual({ status: 1, stdout: '', notes: [message] });
    } finally {
      process.chdir(own);
    }
  });

  test('the commands of its document run', () => {
    const { text } = blocksOf('docs/diagram.md').find(({ language }) => language === 'sh')!;
    const own = `node '${join(ROOT, 'lib/cli.js')}'`;
    const script = text.replaceAll('npx cdk8s-egress-router', own);
    const written = execFileSync('sh', ['-eu', '-c', script], { cwd: folder, encoding: 'utf8' });
    expect(written.match(/^flowchart LR$/gm)).toHaveLength(2);
    expect(readdirSync(folder).sort()).toEqual(['dist', 'overview.svg', 'routers.svg']);
  });
});

test("the README's picture is what diagram draws of the standalone example", () => {
  expect(readFileSync(join(ROOT, 'docs/picture.svg'), 'utf8')).toBe(svgText(pictureOf(STANDALONE)));
  const [, alternative] = /^!\[(.+)\]\(docs\/picture\.svg\)$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!;
  for (const word of ['clients', 'Service', 'eth0', 'net1', '192.168.12.99', 'e2:65:c0:a8:0c:63', '203.0.113.26']) {
    expect(alternative).toContain(word);
  }
});
