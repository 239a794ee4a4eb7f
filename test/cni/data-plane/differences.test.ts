import { differences, type Parent } from '../../../cni/data-plane/differences';
import { keptRoute } from '../../../cni/data-plane/kept-routes';
import { kernelPolicyRule, kernelRoute } from '../../../cni/data-plane/kernel-objects';
import type { Observation } from '../../../cni/data-plane/observe';
import { createTable, decodeTable } from '../../../cni/netlink/nftables/table';
import type { InterfaceAddress } from '../../../cni/netlink/route/address';
import type { Link } from '../../../cni/netlink/route/link';
import type { PolicyRule } from '../../../cni/netlink/route/policy-rule';
import type { Route } from '../../../cni/netlink/route/route';
import { type DataPlane, dataPlane } from '../../../src/domain/data-plane/data-plane';
import { standbyPlane } from '../../../src/domain/data-plane/standby-plane';
import { decodeNetworkConfig, type NetworkConfig } from '../../../src/domain/router/network-config';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import { ip } from '../../support/recorded-frame';
import { messagesOf } from '../../support/recorded-netlink';

const PARENT: Parent = { index: 7, name: 'lan', mtu: 1500 };
const cidr = (text: string) => parseCidr(text) as Cidr;

function configOf(families: readonly (4 | 6)[] = [4, 6], top: object = {}): NetworkConfig {
  const of = (values: Record<4 | 6, string>) => families.map((family) => values[family]);
  return decodeNetworkConfig({
    cniVersion: '1.0.0',
    name: 'partners.bank',
    type: 'egress-router',
    ip: {
      addresses: of({ 4: '192.168.12.99/24', 6: '2001:db8:12::99/64' }),
      gateways: of({ 4: '192.168.12.1', 6: 'fe80::1' }),
      destinations: of({ 4: '443 TCP 203.0.113.26', 6: '443 TCP 2001:db8:113::26' }),
    },
    ...top,
  });
}

const planeOf = (...given: Parameters<typeof configOf>) => dataPlane(configOf(...given), 'net1', 'eth0');

const PRIMARY: Link = {
  index: 3,
  name: 'eth0',
  mac: '02:00:00:00:00:03',
  mtu: 1500,
  isEthernet: true,
  isUp: true,
  hasCarrier: true,
  group: 0,
  promiscuity: 0,
};

/** The pod's default route, as the cluster network made it. */
function mainDefault(family: 4 | 6): Route {
  const gateway = ip(family === 4 ? '169.254.1.1' : 'fe80::ecee:eeff:feee:eeee');
  const metric = family === 4 ? undefined : 1024;
  return { family, table: 254, type: 'unicast', gateway, metric, interfaceIndex: 3, protocol: 3 };
}

/** What the kernel holds when all is as it should be: IPv6 routes have got a metric. */
function observationOf(plane: DataPlane): Observation & { readonly link: Link } {
  return {
    link: {
      index: 9,
      name: plane.link.name,
      mac: plane.link.mac,
      mtu: plane.link.mtu ?? PARENT.mtu,
      isEthernet: true,
      isUp: true,
      hasCarrier: true,
      group: 101,
      promiscuity: 0,
      parentIndex: PARENT.index,
      kind: 'macvlan',
      macvlanMode: plane.link.mode,
    },
    addresses: plane.addresses.map((own) => ({ cidr: own, interfaceIndex: 9, hasNoPrefixRoute: true })),
    routes: plane.routes
      .map((route) => kernelRoute(route, 9))
      .map((route) => (route.family === 6 ? { ...route, metric: route.metric ?? 1024 } : route)),
    primary: PRIMARY,
    primaryDefaults: plane.addresses.map(({ address: { family } }) => mainDefault(family)),
    keptRoutes: plane.addresses.map(({ address: { family } }) => keptRoute(mainDefault(family), plane)),
    policyRules: plane.policyRules.map((rule) => ({ ...kernelPolicyRule(rule), hasOtherConditions: false })),
    sysctls: new Map(plane.sysctls.map(({ path, value }) => [path, value])),
    table: decodeTable(messagesOf(createTable(plane.table))),
  };
}

const plane = planeOf();
const right = observationOf(plane);

test.each([
  ['IPv4', planeOf([4])],
  ['IPv6', planeOf([6])],
  ['both families', plane],
  ['an MTU', planeOf([4], { interfaceArgs: { mtu: '1400' } })],
  ['private', planeOf([4], { interfaceArgs: { mode: 'private' } })],
])('an equal state has no differences: %s', (_, wanted) => {
  expect(differences(wanted, observationOf(wanted), PARENT)).toEqual([]);
});

describe('a pod of a router with a standby', () => {
  const standbyMac = 'e6:65:c0:a8:0c:63';
  const ofPair = planeOf([4, 6], { standbyMac });
  const bare = observationOf(standbyPlane(ofPair));
  // The copy of the default routes is there in both forms.
  const { keptRoutes: copies, primaryDefaults } = observationOf(ofPair);
  const standby = { ...bare, keptRoutes: copies, primaryDefaults };

  test('has no differences with all of the addresses, and with none', () => {
    const down = { ...standby, link: { ...bare.link!, isUp: false, hasCarrier: false } };
    const asking = { ...standby, link: { ...bare.link!, mac: '02:00:00:00:00:01' } };
    for (const found of [observationOf(ofPair), standby, down, asking]) {
      expect(differences(ofPair, found, PARENT)).toEqual([]);
    }
  });

  test('differs with one of two addresses, with a route but no address, and as a holder with the MAC of the standby', () => {
    const held = observationOf(ofPair);
    const half = differences(ofPair, { ...held, addresses: held.addresses.slice(1) }, PARENT);
    expect(half).toEqual([expect.stringMatching(/^address is missing: /)]);
    expect(differences(ofPair, { ...standby, routes: held.routes }, PARENT)).toEqual([
      ...Array(held.routes.length - bare.routes.length).fill(expect.stringMatching(/^route is unexpected: /)),
    ]);
    expect(differences(ofPair, { ...held, link: { ...held.link!, mac: standbyMac } }, PARENT)).toEqual([
      expect.stringMatching(/MAC address is e6:/),
    ]);
  });

  test('differs when the link of a router without a standby is down', () => {
    expect(differences(plane, { ...right, link: { ...right.link!, isUp: false } }, PARENT)).toEqual([
      'interface net1: state is down, not up',
    ]);
  });
});

test('the kernel’s order is not ours', () => {
  const reversed = {
    ...right,
    addresses: [...right.addresses].reverse(),
    routes: [...right.routes].reverse(),
    keptRoutes: [...right.keptRoutes].reverse(),
    policyRules: [...right.policyRules].sort((a, b) => b.priority - a.priority),
  };
  expect(differences(plane, reversed, PARENT)).toEqual([]);
});

test('names in the commands of differences are words of a shell', () => {
  const own = dataPlane(configOf(), '$(id)', 'a;reboot');
  const nothing = { ...observationOf(own), addresses: [], routes: [], policyRules: [], keptRoutes: [] };
  const commands = differences(own, { ...nothing, primaryDefaults: [] }, PARENT).filter((text) =>
    text.includes(' add '),
  );
  const kinds = commands.map((text) => /ip .*?(address|route|rule)/.exec(text)?.[1]);
  expect(new Set(kinds)).toEqual(new Set(['address', 'route', 'rule']));
  for (const command of commands) {
    const unquoted = command.replaceAll("'$(id)'", 'net1').replaceAll("'a;reboot'", 'eth0');
    expect(unquoted).not.toMatch(/[$();]/);
  }
  expect(commands.join()).toMatch(/'a;reboot'/);
  expect(commands.join()).toMatch(/'\$\(id\)'/);
});

const [address] = right.addresses as [InterfaceAddress];
const [subnet, gateway, refusal] = right.routes as [Route, Route, Route];
const [lookup, lookupFrom, , unreachable] = right.policyRules as [PolicyRule, PolicyRule, PolicyRule, PolicyRule];
const [ofMain, ofKept] = right.policyRules.filter(({ priority }) => priority === 32765) as [PolicyRule, PolicyRule];
const [kept] = right.keptRoutes as [Route];
const NONE_KEPT: Route = { family: 4, table: 101, type: 'throw', metric: 0, protocol: 101 };
const keptRoutes = (...items: Route[]) => ({ keptRoutes: instead(right.keptRoutes, kept, ...items) });

const withLink = (change: Partial<Link>) => ({ link: { ...right.link, ...change } });
/** The list with another item, or none, in the place of one. */
const instead = <T>(list: readonly T[], old: T, ...items: readonly T[]) =>
  list.flatMap((item) => (item === old ? items : [item]));
const addresses = (...items: InterfaceAddress[]) => ({ addresses: instead(right.addresses, address, ...items) });
const routes = (old: Route, ...items: Route[]) => ({ routes: instead(right.routes, old, ...items) });
const rules = (old: PolicyRule, ...items: PolicyRule[]) => ({ policyRules: instead(right.policyRules, old, ...items) });
const setting = (path: string, value: string | undefined) => ({ sysctls: new Map(right.sysctls).set(path, value) });

type Row = readonly [what: string, change: Partial<Observation>, sentences: readonly string[]];

/** Parts of the plane that are not in the kernel: names for others, what ADD does once, and what chooses parts. */
type Compared =
  | Exclude<keyof DataPlane, 'primaryInterface' | 'announcements' | 'keptTable' | 'standbyMac'>
  | 'keptRoutes';

const CHANGES: Readonly<Record<Compared, readonly Row[]>> = {
  link: [
    [
      'of another kind',
      withLink({ kind: 'veth', macvlanMode: undefined }),
      ['interface net1: kind is veth, not macvlan', 'interface net1: mode is absent, not bridge'],
    ],
    ['of hardware', withLink({ kind: undefined }), ['interface net1: kind is another, not macvlan']],
    ['in another mode', withLink({ macvlanMode: 'vepa' }), ['interface net1: mode is vepa, not bridge']],
    [
      'with another MAC',
      withLink({ mac: '02:00:00:00:00:01' }),
      ['interface net1: MAC address is 02:00:00:00:00:01, not e2:65:c0:a8:0c:63'],
    ],
    ['with another MTU', withLink({ mtu: 1400 }), ['interface net1: MTU is 1400, not 1500']],
    [
      'on another parent',
      withLink({ parentIndex: 8 }),
      ['interface net1: parent interface is another one (index 8), not lan (index 7)'],
    ],
    [
      'without a parent',
      withLink({ parentIndex: undefined }),
      ['interface net1: parent interface is absent, not lan (index 7)'],
    ],
    [
      'down, and without carrier for that reason',
      withLink({ isUp: false, hasCarrier: false }),
      ['interface net1: state is down, not up'],
    ],
    ['in another group', withLink({ group: 0 }), ['interface net1: group is 0, not 101']],
    ['without carrier', withLink({ hasCarrier: false }), ['interface net1: carrier is absent, not present']],
  ],
  addresses: [
    ['missing', addresses(), ['address is missing: ip address add 192.168.12.99/24 dev net1 noprefixroute']],
    [
      'one more',
      addresses(address, { ...address, cidr: cidr('192.168.12.98/24') }),
      ['address is unexpected: ip address add 192.168.12.98/24 dev net1 noprefixroute'],
    ],
    [
      'in another subnet',
      addresses({ ...address, cidr: cidr('192.168.12.99/32') }),
      [
        'address is missing: ip address add 192.168.12.99/24 dev net1 noprefixroute',
        'address is unexpected: ip address add 192.168.12.99/32 dev net1 noprefixroute',
      ],
    ],
    [
      'with a route of its subnet',
      addresses({ ...address, hasNoPrefixRoute: false }),
      [
        'address is missing: ip address add 192.168.12.99/24 dev net1 noprefixroute',
        'address is unexpected: ip address add 192.168.12.99/24 dev net1',
      ],
    ],
  ],
  routes: [
    ['missing', routes(subnet), ['route is missing: ip -4 route add 192.168.12.0/24 table 100 dev net1 proto 101']],
    [
      'one more',
      routes(subnet, subnet, { ...gateway, destination: cidr('198.51.100.0/24') }),
      ['route is unexpected: ip -4 route add 198.51.100.0/24 via 192.168.12.1 table 100 dev net1 proto 101'],
    ],
    [
      'by another gateway',
      routes(gateway, { ...gateway, gateway: ip('192.168.12.2') }),
      [
        'route is missing: ip -4 route add default via 192.168.12.1 table 100 dev net1 proto 101',
        'route is unexpected: ip -4 route add default via 192.168.12.2 table 100 dev net1 proto 101',
      ],
    ],
    [
      'by another interface',
      routes(gateway, { ...gateway, interfaceIndex: 3 }),
      [
        'route is missing: ip -4 route add default via 192.168.12.1 table 100 dev net1 proto 101',
        'route is unexpected: ip -4 route add default via 192.168.12.1 table 100 dev if3 proto 101',
      ],
    ],
    [
      'with another metric',
      routes(refusal, { ...refusal, metric: 5 }),
      [
        'route is missing: ip -4 route add unreachable default table 100 metric 4294967295 proto 101',
        'route is unexpected: ip -4 route add unreachable default table 100 metric 5 proto 101',
      ],
    ],
    [
      'of another type',
      routes(refusal, { ...refusal, type: 'throw' }),
      [
        'route is missing: ip -4 route add unreachable default table 100 metric 4294967295 proto 101',
        'route is unexpected: ip -4 route add throw default table 100 metric 4294967295 proto 101',
      ],
    ],
    [
      'of another program',
      routes(subnet, { ...subnet, protocol: 3 }),
      [
        'route is missing: ip -4 route add 192.168.12.0/24 table 100 dev net1 proto 101',
        'route is unexpected: ip -4 route add 192.168.12.0/24 table 100 dev net1 proto 3',
      ],
    ],
  ],
  keptRoutes: [
    [
      'missing',
      keptRoutes(),
      ['route is missing: ip -4 route add default via 169.254.1.1 table 101 dev eth0 proto 101'],
    ],
    [
      'missing, and so is the original',
      { ...keptRoutes(), primaryDefaults: right.primaryDefaults.slice(1) },
      ['route is missing: ip -4 route add default via GATEWAY table 101 dev eth0 proto 101'],
    ],
    ['kept, and Multus has deleted the original', { primaryDefaults: right.primaryDefaults.slice(1) }, []],
    ['nothing to keep', keptRoutes(NONE_KEPT), []],
    [
      'nothing to keep, by another program',
      keptRoutes({ ...NONE_KEPT, protocol: 3 }),
      [
        'route is missing: ip -4 route add default via 169.254.1.1 table 101 dev eth0 proto 101',
        'route is unexpected: ip -4 route add throw default table 101 proto 3',
      ],
    ],
    ['by another gateway of the cluster network', keptRoutes({ ...kept, gateway: ip('169.254.1.2') }), []],
    [
      'by another interface',
      keptRoutes({ ...kept, interfaceIndex: 9 }),
      [
        'route is missing: ip -4 route add default via 169.254.1.1 table 101 dev eth0 proto 101',
        'route is unexpected: ip -4 route add default via 169.254.1.1 table 101 dev if9 proto 101',
      ],
    ],
    [
      'to a subnet',
      keptRoutes(kept, { ...kept, destination: cidr('10.0.0.0/8') }),
      ['route is unexpected: ip -4 route add 10.0.0.0/8 via 169.254.1.1 table 101 dev eth0 proto 101'],
    ],
  ],
  policyRules: [
    [
      'in another order',
      { policyRules: instead(instead(right.policyRules, ofMain), ofKept, ofKept, ofMain) },
      [
        'rules of priority 32765 are in another order: ip -4 rule add priority 32765 from all lookup 101 proto 101; ' +
          'ip -4 rule add priority 32765 from all lookup 254 suppress_ifgroup 101 proto 101; ' +
          'ip -4 rule add priority 32765 from all unreachable proto 101',
      ],
    ],
    [
      'missing',
      rules(lookup),
      ['rule is missing: ip -4 rule add priority 1000 from all iif eth0 lookup 100 proto 101'],
    ],
    [
      'one more',
      rules(lookup, lookup, { ...lookup, incoming: 'eth1' }),
      ['rule is unexpected: ip -4 rule add priority 1000 from all iif eth1 lookup 100 proto 101'],
    ],
    [
      'to another table',
      rules(lookup, { ...lookup, table: 254 }),
      [
        'rule is missing: ip -4 rule add priority 1000 from all iif eth0 lookup 100 proto 101',
        'rule is unexpected: ip -4 rule add priority 1000 from all iif eth0 lookup 254 proto 101',
      ],
    ],
    [
      'with another priority',
      rules(unreachable, { ...unreachable, priority: 1002 }),
      [
        'rule is missing: ip -4 rule add priority 1001 from all iif eth0 unreachable proto 101',
        'rule is unexpected: ip -4 rule add priority 1002 from all iif eth0 unreachable proto 101',
      ],
    ],
    [
      'from another address',
      rules(lookupFrom, { ...lookupFrom, source: ip('192.168.12.98') }),
      [
        'rule is missing: ip -4 rule add priority 1000 from 192.168.12.99 lookup 100 proto 101',
        'rule is unexpected: ip -4 rule add priority 1000 from 192.168.12.98 lookup 100 proto 101',
      ],
    ],
    [
      'with other conditions',
      rules(lookupFrom, { ...lookupFrom, hasOtherConditions: true }),
      [
        'rule is missing: ip -4 rule add priority 1000 from 192.168.12.99 lookup 100 proto 101',
        'rule is unexpected: ip -4 rule add priority 1000 from 192.168.12.99 and other conditions lookup 100 proto 101',
      ],
    ],
    [
      'of another program',
      rules(lookup, { ...lookup, protocol: 0 }),
      [
        'rule is missing: ip -4 rule add priority 1000 from all iif eth0 lookup 100 proto 101',
        'rule is unexpected: ip -4 rule add priority 1000 from all iif eth0 lookup 100 proto 0',
      ],
    ],
  ],
  sysctls: plane.sysctls.flatMap(({ path, value, insteadOf, isOptional }): Row[] =>
    insteadOf === undefined
      ? [
          [`${path} is another`, setting(path, '7'), [`sysctl ${path} is 7, not ${value}`]],
          [
            `${path} is missing`,
            setting(path, undefined),
            isOptional ? [] : [`sysctl ${path} is missing, not ${value}`],
          ],
        ]
      : [
          [
            `${path} is what it takes the place of`,
            setting(path, insteadOf),
            [`sysctl ${path} is ${insteadOf}, not ${value}`],
          ],
          [`${path} is neither`, setting(path, '0'), []],
          [`${path} is missing, and need not be there`, setting(path, undefined), []],
        ],
  ),
  table: [
    ['missing', { table: undefined }, ['table inet egress_router is missing']],
    ['dormant', { table: { ...right.table!, isDormant: true } }, ['table inet egress_router is dormant']],
  ],
};

describe.each(Object.entries(CHANGES))('%s', (_, changes) => {
  test.each(changes)('%s', (_what, change, sentences) => {
    expect(differences(plane, { ...right, ...change }, PARENT)).toEqual(sentences);
  });
});

test('each part of a plane is compared, or known not to be in the kernel', () => {
  expect(Object.keys(plane).sort()).toEqual(
    [...Object.keys(CHANGES), 'announcements', 'keptTable', 'primaryInterface']
      .filter((key) => key !== 'keptRoutes')
      .sort(),
  );
  expect(plane.sysctls.length).toBeGreaterThan(12);
});

/**
 * Where the plane has the setting that only takes the place of one value: others are as good, and rows above show it.
 */
const CONDITIONAL = plane.sysctls.findIndex(({ insteadOf }) => insteadOf !== undefined);

/** Settings that the kernel may lack: a path without a file is as good. */
const OPTIONAL = plane.sysctls.flatMap(({ isOptional }, index) => (isOptional ? [index] : [])).join('|');

/** Values of the plane that are not the kernel's, that `parent` stands for, or by which things are found. */
const NOT_COMPARED = new RegExp(
  `^(primaryInterface|announcements|keptTable|link\\.(master|name)|sysctls\\.(\\d+\\.isOptional|(${OPTIONAL})\\.path|${CONDITIONAL}\\..*))$`,
);

/** The plane with each of its values changed in turn, without those of the table, which has tests of its own. */
function* changedPlanes(): Generator<readonly [path: string, changed: DataPlane]> {
  const { table, ...others } = plane;
  for (const [path, changed] of changedValues(others, '')) yield [path, { ...(changed as DataPlane), table }];
}

function* changedValues(value: unknown, path: string): Generator<readonly [path: string, changed: unknown]> {
  if (typeof value !== 'object' || value === null || 'text' in value) {
    yield [path, changedLeaf(value)];
    return;
  }
  for (const [key, item] of Object.entries(value).filter(([, each]) => each !== undefined)) {
    for (const [at, changed] of changedValues(item, path === '' ? key : `${path}.${key}`)) {
      yield [at, Object.assign(Array.isArray(value) ? [...value] : { ...value }, { [key]: changed })];
    }
  }
}

/** Another number, word, or address, whose text is what it is known by. */
function changedLeaf(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return typeof value === 'string' ? `${value}0` : { ...(value as Cidr), text: 'other' };
}

test('each value of a plane counts', () => {
  const unseen: string[] = [];
  let count = 0;
  for (const [path, changed] of changedPlanes()) {
    count++;
    if (differences(changed, right, PARENT).length === 0) unseen.push(path);
  }
  expect(count).toBeGreaterThan(80);
  expect(unseen.filter((path) => !NOT_COMPARED.test(path))).toEqual([]);
});

test('a link that is missing takes its routes along', () => {
  const gone = { ...right, link: undefined, addresses: [], routes: [] };
  const found = differences(plane, gone, PARENT);
  expect(found.slice(0, 3)).toEqual([
    'interface net1 is missing',
    'address is missing: ip address add 192.168.12.99/24 dev net1 noprefixroute',
    'address is missing: ip address add 2001:db8:12::99/64 dev net1 noprefixroute nodad',
  ]);
  expect(found.filter((sentence) => sentence.startsWith('route is missing: '))).toHaveLength(plane.routes.length);
});

test('IPv4 alone works on a kernel without IPv6', () => {
  const ipv4 = planeOf([4]);
  const { sysctls, ...others } = observationOf(ipv4);
  const withoutIpv6 = new Map([...sysctls].map(([path, value]) => [path, path.includes('ipv6') ? undefined : value]));
  expect(differences(ipv4, { ...others, sysctls: withoutIpv6 }, PARENT)).toEqual([]);
});

test('an empty pod has a difference for each object', () => {
  const nothing = {
    link: undefined,
    addresses: [],
    routes: [],
    primary: undefined,
    primaryDefaults: [],
    keptRoutes: [],
    policyRules: [],
    sysctls: new Map(),
    table: undefined,
  };
  const needed = plane.sysctls.filter(({ isOptional }) => !isOptional);
  // Each address, and a kept route of its family.
  const count = 2 + 2 * plane.addresses.length + plane.routes.length + plane.policyRules.length + needed.length;
  expect(differences(plane, nothing, PARENT)).toHaveLength(count);
});
