import { type Claimant, type Conflicts, findConflicts } from '../../../src/domain/router/conflicts';
import type { MacBudget } from '../../../src/domain/router/mac-budget';
import { router } from '../../support/router';

const BUDGET: MacBudget = { addresses: 64, isLimit: false };

interface Given {
  readonly ip?: string;
  readonly gateway?: string;
  readonly master?: string;
  readonly mode?: string;
  readonly mac?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly pluginName?: string;
  readonly operatorNames?: boolean;
  readonly objects?: readonly string[];
  readonly destination?: string;
  readonly fallback?: string;
}

/** A standalone router of its own; what is not given is free of conflicts. */
function claimant(path: string, given: Given = {}): Claimant {
  const number = [...path].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 65_000, 7);
  const name = given.name ?? path.replaceAll('/', '-');
  const { kind = 'standalone', pluginName, operatorNames } = given;
  const link = { parentInterface: given.master, mode: given.mode, macAddress: given.mac };
  const attachment =
    kind === 'operator'
      ? { networkInterface: { macvlan: { master: given.master } } }
      : { link, pluginName, operatorNames };
  const addresses = [{ ip: given.ip ?? `10.9.${number >> 8}.${number & 255}/8`, gateway: given.gateway ?? '10.0.0.1' }];
  const traffic = {
    ...(given.destination && { redirectRules: [{ port: 443, protocol: 'TCP', destinationIp: given.destination }] }),
    ...(given.fallback && { fallbackIp: given.fallback }),
  };
  const metadata = { name, namespace: given.namespace };
  const spec = router({ metadata, addresses, ...traffic }, { kind, ...attachment });
  return { path, spec, objects: given.objects ?? [`Service/${name}`, `Deployment/${name}`] };
}

const conflicts = (claimants: Claimant[], budget = BUDGET) => findConflicts('prod', claimants, budget);

/** Every issue as `[path of the router] path of the field: problem`. */
function texts({ issues }: Conflicts): string[] {
  return [...issues].flatMap(([path, list]) => list.map((issue) => `[${path}] ${issue.path}: ${issue.problem}`));
}

test('routers that share nothing have no conflict', () => {
  const found = conflicts([
    claimant('prod/db'),
    claimant('prod/licence'),
    claimant('prod/partner', { namespace: 'x' }),
  ]);
  expect(found).toEqual({ issues: new Map(), warnings: [] });
});

test('one router alone has no conflict with itself', () => {
  expect(texts(conflicts([claimant('prod/db', { kind: 'operator' })]))).toEqual([]);
  expect(
    texts(conflicts([claimant('prod/db', { mode: 'passthru', master: 'eth1', mac: '02:00:00:00:00:01' })])),
  ).toEqual([]);
  expect(conflicts([])).toEqual({ issues: new Map(), warnings: [] });
});

test('a rule and a fallback that lead to the reserved address of another router of the network are warned of', () => {
  const all = [
    claimant('prod/db', { ip: '10.0.0.9/8', master: 'eth1' }),
    claimant('prod/partner', { destination: '10.0.0.9', fallback: '10.0.0.9', master: 'eth1' }),
    claimant('prod/elsewhere', { destination: '10.0.0.9', fallback: '10.0.0.9', master: 'eth2' }),
    claimant('prod/gateway', { destination: '10.0.0.1', fallback: '10.0.0.1', master: 'eth1' }),
  ];
  const { issues, warnings } = conflicts(all);
  expect(issues.size).toBe(0);
  expect(warnings).toEqual(
    ['redirectRules[0]', 'fallbackIp'].map(
      (path) =>
        `prod: [prod/partner] ${path} leads to 10.0.0.9, the reserved address of [prod/db], which answers on net1 to nothing`,
    ),
  );
});

test('a reserved address of two routers is an issue of the second that names the first, and its MAC is not one more', () => {
  const found = conflicts([
    claimant('prod/db', { ip: '10.0.0.9/8' }),
    claimant('prod/licence'),
    claimant('prod/partner', { ip: '10.0.0.9/24' }),
  ]);
  expect([...found.issues]).toEqual([
    [
      'prod/partner',
      [
        {
          path: 'addresses[0].ip',
          value: '10.0.0.9/24',
          problem: 'is also reserved by [prod/db]',
          accepted: expect.stringContaining('an address that no other router of prod reserves'),
        },
      ],
    ],
  ]);
});

test('the second address of a dual-stack router counts as much as the first', () => {
  const spec = (v4: string, v6: string) =>
    router({
      metadata: { name: 'db' },
      addresses: [
        { ip: v4, gateway: '10.0.0.1' },
        { ip: v6, gateway: 'fe80::1' },
      ],
    });
  const one = { path: 'a', spec: spec('10.0.0.8/8', '2001:db8::9/64'), objects: [] };
  const other = { path: 'b', spec: spec('10.0.0.9/8', '2001:DB8:0::9/64'), objects: [] };
  expect(texts(conflicts([one, other]))).toEqual(['[b] addresses[1].ip: is also reserved by [a]']);
});

test('three routers with one address are two issues, each naming the first', () => {
  const ip = '10.0.0.9/8';
  const all = ['a', 'b', 'c'].map((path) => claimant(path, { ip }));
  expect(texts(conflicts(all))).toEqual([
    '[b] addresses[0].ip: is also reserved by [a]',
    '[c] addresses[0].ip: is also reserved by [a]',
  ]);
});

test('one address in two networks is not a conflict: the parent interface separates them', () => {
  const ip = '10.0.0.9/8';
  const other = { ip, master: 'eth2' };
  expect(
    texts(conflicts([claimant('a', { ip }), claimant('b', { ip, master: 'eth1' }), claimant('c', other)])),
  ).toEqual([]);
  expect(texts(conflicts([claimant('b', { ip, master: 'eth1' }), claimant('c', { ip, master: 'eth1' })]))).toHaveLength(
    1,
  );
});

test('a gateway that another router reserves is an issue that names it, whichever was declared first', () => {
  const atGateway = claimant('b', { ip: '10.0.0.1/8', gateway: '10.0.0.2' });
  const expected = {
    path: 'addresses[0].gateway',
    value: '10.0.0.1',
    problem: 'is reserved by [b]',
    accepted: "a gateway whose address no router of prod reserves on parent interface (the default route's)",
  };
  expect([...conflicts([claimant('a'), atGateway]).issues]).toEqual([['a', [expected]]]);
  expect([...conflicts([atGateway, claimant('a')]).issues]).toEqual([['a', [expected]]]);
  expect(texts(conflicts([atGateway, claimant('a', { master: 'eth1' })]))).toEqual([]);
});

test('clusters are checked apart, and their names are in the messages', () => {
  const twins = [claimant('a', { ip: '10.0.0.9/8' }), claimant('b', { ip: '10.0.0.9/8' })];
  expect(texts(findConflicts('one', twins.slice(0, 1), BUDGET))).toEqual([]);
  expect(texts(findConflicts('two', twins.slice(1), BUDGET))).toEqual([]);
  expect(findConflicts('two', twins, BUDGET).issues.get('b')![0]!.accepted).toContain('router of two');
});

test('a MAC address of two routers is an issue that names both', () => {
  const mac = '02:00:5e:10:00:01';
  const found = conflicts([claimant('prod/db', { mac }), claimant('prod/licence', { mac: '02-00-5E-10-00-01' })]);
  expect([...found.issues]).toEqual([
    [
      'prod/licence',
      [
        {
          path: 'mode.link.macAddress',
          value: mac,
          problem: 'is also the MAC address of [prod/db]',
          accepted: expect.stringContaining('a MAC address that no other router of prod has'),
        },
      ],
    ],
  ]);
  expect(texts(conflicts([claimant('a', { mac }), claimant('b', { mac, master: 'eth1' })]))).toEqual([]);
});

test('a given MAC address may not be the derived one of another router', () => {
  const found = conflicts([claimant('a', { ip: '10.0.0.9/8' }), claimant('b', { mac: 'e2:65:0a:00:00:09' })]);
  expect(texts(found)).toEqual(['[b] mode.link.macAddress: is also the MAC address of [a]']);
});

test('routers of the operator have no MAC address to share', () => {
  const operator = { kind: 'operator' };
  const all = [claimant('a', { ...operator, namespace: 'one' }), claimant('b', { ...operator, namespace: 'two' })];
  expect(texts(conflicts(all))).toEqual([]);
});

test.each<[string, Given, Given]>([
  ['two routers of the operator', { kind: 'operator' }, { kind: 'operator' }],
  ['two with its names', { operatorNames: true, pluginName: 'x' }, { operatorNames: true, pluginName: 'x' }],
  ['one of each', { kind: 'operator' }, { operatorNames: true, pluginName: 'x' }],
])('a namespace holds one router with the operator’s names, not %s', (_, one, other) => {
  for (const namespace of ['egress', undefined]) {
    const found = conflicts([
      claimant('prod/db', { ...one, namespace }),
      claimant('prod/licence', { ...other, namespace }),
    ]);
    expect([...found.issues]).toEqual([
      [
        'prod/licence',
        [
          {
            path: 'metadata.namespace',
            value: namespace,
            problem: expect.stringContaining('already holds [prod/db]'),
            accepted: expect.stringContaining('one router a namespace'),
          },
        ],
      ],
    ]);
  }
  expect(
    texts(conflicts([claimant('a', { ...one, namespace: 'a' }), claimant('b', { ...other, namespace: 'b' })])),
  ).toEqual([]);
});

test('objects that two routers make under one name are an issue that names both and the object', () => {
  const one = claimant('prod/db', { name: 'db', objects: ['Service/db', 'Deployment/db'] });
  const other = claimant('prod/licence', { name: 'licence', objects: ['Service/x', 'Deployment/db', 'Service/db'] });
  expect([...conflicts([one, other]).issues]).toEqual([
    [
      'prod/licence',
      [
        {
          path: 'metadata.name',
          value: 'licence',
          problem: 'makes Deployment/db, which [prod/db] makes too',
          accepted: expect.stringContaining('router of prod has in namespace (the current one)'),
        },
      ],
    ],
  ]);
});

test('equal names in two namespaces, and of two kinds, are no conflict', () => {
  const one = claimant('a', { namespace: 'one', objects: ['Service/db'] });
  expect(texts(conflicts([one, claimant('b', { namespace: 'two', objects: ['Service/db'] })]))).toEqual([]);
  expect(texts(conflicts([one, claimant('b', { namespace: 'one', objects: ['Deployment/db'] })]))).toEqual([]);
});

test('beside the operator a standalone router needs another plugin name, whichever was declared first', () => {
  const operator = claimant('prod/okd', { kind: 'operator', namespace: 'okd' });
  const ours = claimant('prod/db');
  const expected = [
    [
      'prod/db',
      [
        {
          path: 'mode.pluginName',
          value: 'egress-router',
          problem: expect.stringContaining('[prod/okd]'),
          accepted: expect.stringContaining('another name for the plugin'),
        },
      ],
    ],
  ];
  expect([...conflicts([operator, ours]).issues]).toEqual(expected);
  expect([...conflicts([ours, operator]).issues]).toEqual(expected);
  expect(texts(conflicts([operator, claimant('prod/db', { pluginName: 'egress' })]))).toEqual([]);
});

test('every standalone router that bears the name of the operator’s plugin is found at once', () => {
  const operator = claimant('prod/okd', { kind: 'operator', namespace: 'okd' });
  const found = conflicts([claimant('prod/db'), operator, claimant('prod/licence')]);
  expect([...found.issues.keys()].sort()).toEqual(['prod/db', 'prod/licence']);
});

const PASSTHRU = { mode: 'passthru', master: 'eth1' };

test.each<[string, Given, Given]>([
  ['the first', { ...PASSTHRU, mac: '02:00:00:00:00:01' }, { master: 'eth1' }],
  ['the second', { master: 'eth1' }, { ...PASSTHRU, mac: '02:00:00:00:00:01' }],
  ['both', { ...PASSTHRU, mac: '02:00:00:00:00:01' }, { ...PASSTHRU, mac: '02:00:00:00:00:02' }],
])('a router in passthru mode does not share its parent interface: %s', (_, one, other) => {
  const [issue, ...more] = conflicts([claimant('prod/db', one), claimant('prod/licence', other)]).issues.get(
    'prod/licence',
  )!;
  expect(more).toEqual([]);
  expect(issue).toMatchObject({ path: 'mode.link.parentInterface', value: 'eth1' });
  expect(issue!.problem).toContain('is also the parent interface of [prod/db]');
  expect(issue!.problem).toMatch(/\[prod\/(db|licence)\] takes it whole in passthru mode/);
  expect(texts(conflicts([claimant('a', one), claimant('b', { ...other, master: 'eth2' })]))).toEqual([]);
});

test('a passthru router after several others is found', () => {
  const others = ['a', 'b', 'c'].map((path) => claimant(path, { master: 'eth1' }));
  const last = claimant('d', { ...PASSTHRU, mac: '02:00:00:00:00:01' });
  expect(texts(conflicts([...others, last]))).toEqual([expect.stringContaining('[d] takes it whole in passthru mode')]);
});

test('routers within the MAC budget of a parent interface have no warning', () => {
  const all = ['a', 'b'].map((path) => claimant(path, { master: 'eth1' }));
  expect(conflicts(all, { addresses: 2, isLimit: false }).warnings).toEqual([]);
  expect(conflicts(all, { addresses: 2, isLimit: true }).issues.size).toBe(0);
});

test('exceeding the MAC budget is a warning with the cluster, the interface and both numbers', () => {
  const all = [...['a', 'b', 'c'].map((path) => claimant(path, { master: 'eth1' })), claimant('d'), claimant('e')];
  const { warnings, issues } = conflicts(all, { addresses: 2, isLimit: false });
  expect(warnings).toEqual([
    expect.stringMatching(/^prod: 3 routers share parent interface eth1, whose MAC budget is 2:/),
  ]);
  expect(issues.size).toBe(0);
  const perParent = conflicts(all, { addresses: 1, isLimit: false }).warnings;
  expect(perParent).toHaveLength(2);
  expect(perParent[1]).toContain("(the default route's)");
});

test('a router that has a conflict counts for the MAC budget all the same', () => {
  const all = [
    claimant('a', { master: 'eth1' }),
    claimant('b', { ...PASSTHRU, mac: '02:00:00:00:00:01' }),
    claimant('c', { master: 'eth1' }),
  ];
  expect(conflicts(all, { addresses: 2, isLimit: false }).warnings).toEqual([expect.stringContaining('3 routers')]);
});

test('the MAC budget is an error for those who asked for it', () => {
  const all = ['a', 'b', 'c'].map((path) => claimant(path, { master: 'eth1' }));
  const { warnings, issues } = conflicts(all, { addresses: 2, isLimit: true });
  expect(warnings).toEqual([]);
  expect([...issues]).toEqual([
    [
      'c',
      [
        {
          path: 'mode.link.parentInterface',
          value: 'eth1',
          problem: 'is one of 3 routers on parent interface eth1, whose MAC budget is 2',
          accepted: expect.stringContaining('fewer routers on this interface'),
        },
      ],
    ],
  ]);
});

test('several conflicts of one router are found together', () => {
  const one = claimant('a', { ip: '10.0.0.9/8', objects: ['Service/db'] });
  const two = claimant('b', { mac: '02:00:00:00:00:01' });
  const last = {
    ...claimant('c', { ip: '10.0.0.9/8', mac: '02:00:00:00:00:02', name: 'db' }),
    objects: ['Service/db'],
  };
  const paths = conflicts([one, two, last])
    .issues.get('c')!
    .map(({ path }) => path);
  expect(paths).toEqual(['addresses[0].ip', 'metadata.name']);
});
