import { join } from 'node:path';
import type { InterfaceAddress } from '../../cni/netlink/route/address';
import type { Link } from '../../cni/netlink/route/link';
import { type PolicyRule, policyRuleText } from '../../cni/netlink/route/policy-rule';
import { type Route, routeText } from '../../cni/netlink/route/route';
import { type Cidr, parseCidr } from '../../src/domain/values/cidr';
import type { Family, IpAddress } from '../../src/domain/values/ip-address';
import { MACVLAN_MODES, type MacvlanMode } from '../../src/domain/values/macvlan';
import { ip } from '../support/recorded-frame';
import { Namespace } from './lab/namespace';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';
import type { RouteAnswer, RouteCall } from './support/route-driver';

const DRIVER = join(__dirname, 'support/route-driver.ts');
const MAC = '02:00:5e:10:00:63';
const TABLE = 100;
const PROTOCOL = 101;
const LAST_METRIC = 4294967295;
const cidr = (text: string) => parseCidr(text) as Cidr;

/** What `ip -json -details` prints of each thing, as far as it is compared. */
interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly link_index?: number;
  readonly group: string;
  readonly promiscuity: number;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly mode?: string } };
  readonly addr_info: readonly IpAddressInfo[];
}
interface IpAddressInfo {
  readonly local: string;
  readonly prefixlen: number;
  readonly noprefixroute?: boolean;
  readonly nodad?: boolean;
}
interface IpRoute {
  readonly type: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol: string;
  readonly scope: string;
  readonly metric?: number;
  readonly table?: string;
  readonly nexthops?: readonly { readonly gateway: string; readonly dev: string }[];
}
interface IpRule {
  readonly priority: number;
  readonly src: string;
  readonly srclen?: number;
  readonly iif?: string;
  readonly table?: string;
  readonly action?: string;
  readonly protocol: string;
}

/** Names of `rt_protos`, `rt_tables` and their numbers. */
const NUMBERS: Readonly<Record<string, number>> = {
  unspec: 0,
  kernel: 2,
  boot: 3,
  static: 4,
  default: 253,
  main: 254,
  local: 255,
};
const numberOf = (name: string) => NUMBERS[name] ?? Number(name);

/** Routes and rules of every kind, as others have them. */
const OTHERS: Readonly<Record<Family, readonly string[]>> = {
  4: [
    'address add 192.168.13.9/24 dev lan',
    'route add blackhole 198.51.101.0/24 table 100',
    'route add prohibit 198.51.102.0/24 metric 7 table 100',
    'route add throw 198.51.103.0/24 table 4000',
    'route add 198.51.104.7 via 192.168.13.1 proto static table 4000',
    'route add default metric 9 nexthop via 192.168.13.1 dev lan nexthop via 192.168.13.2 dev lan',
    'rule add priority 500 fwmark 7 lookup 4000',
    'rule add priority 600 from 192.168.13.0/24 lookup 100',
    'rule add priority 700 iif lo unreachable',
  ],
  6: [
    'address add 2001:db8:13::9/64 dev lan nodad',
    'route add blackhole 2001:db8:101::/48 table 100',
    'route add prohibit 2001:db8:102::/48 metric 7 table 100',
    'route add throw 2001:db8:103::/48 table 4000',
    'route add 2001:db8:104::7 via 2001:db8:13::1 proto static table 4000',
    'route add default metric 9 nexthop via 2001:db8:13::1 dev lan nexthop via 2001:db8:13::2 dev lan',
    'rule add priority 500 fwmark 7 lookup 4000',
    'rule add priority 600 from 2001:db8:13::/64 lookup 100',
    'rule add priority 700 iif lo unreachable',
  ],
};

describeOnKernel('rtnetlink in the kernel', ['ip', BUN], () => {
  let node: Namespace;
  let pod: Namespace;

  beforeEach(() => {
    node = Namespace.create(`route-node-${process.pid}`);
    pod = Namespace.create(`route-pod-${process.pid}`);
    node.batch('link add lan index 7 type veth peer name far index 8', 'link set lan up', 'link set far up');
  });

  afterEach(() => {
    pod[Symbol.dispose]();
    node[Symbol.dispose]();
  });

  /** Makes our own calls in a namespace. */
  function attempt(namespace: Namespace, ...calls: RouteCall[]): RouteAnswer[] {
    const { status, stdout, stderr } = namespace.try([BUN, DRIVER], JSON.stringify(calls));
    if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Calls that succeed. @returns the last one's result */
  function ours<T>(namespace: Namespace, ...calls: RouteCall[]): T {
    const answers = attempt(namespace, ...calls);
    expect(answers.flatMap(({ error }) => error ?? [])).toEqual([]);
    return answers.at(-1)!.result as T;
  }

  function macvlan(mode: MacvlanMode = 'bridge', mtu?: number): RouteCall {
    return ['addMacvlan', { name: 'net1', mac: MAC, mode, mtu, group: 101, parentIndex: 7, namespace: pod.path }];
  }

  const findNet1 = () => pod.ip<IpLink>('link', 'show').find(({ ifname }) => ifname === 'net1');

  /** The pod's net1, up. */
  function madeNet1(): { readonly index: number; readonly name: string } {
    ours(node, macvlan());
    const net1 = { index: findNet1()!.ifindex, name: 'net1' };
    ours(pod, ['setLinkUp', net1]);
    return net1;
  }

  describe.each(MACVLAN_MODES)('a macvlan of mode %s', (mode) => {
    test.each([undefined, 1400])('with the MTU %s', (mtu) => {
      ours(node, macvlan(mode, mtu));
      // A passthru interface begins with its parent's.
      const mac = mode === 'passthru' ? node.ip<IpLink>('link', 'show', 'lan')[0]!.address : MAC;
      expect(findNet1()).toMatchObject({
        address: mac,
        mtu: mtu ?? 1500,
        link_index: 7,
        linkinfo: { info_kind: 'macvlan', info_data: { mode } },
      });
      expect(findNet1()!.flags).not.toContain('UP');
      const link = ours<Link>(pod, ['findLink', 'net1']);
      expect(link).toMatchObject({ mac, mtu: mtu ?? 1500, kind: 'macvlan', macvlanMode: mode, parentIndex: 7 });
      expect(link).toMatchObject({ isUp: false, hasCarrier: false, isEthernet: true });
    });
  });

  test('a link goes up and down, gets another MAC, and goes', () => {
    const net1 = madeNet1();
    expect(findNet1()!.flags).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']));
    expect(ours(pod, ['findLinkByIndex', net1.index])).toMatchObject({ name: 'net1', isUp: true, hasCarrier: true });
    ours(pod, ['setLinkAddress', net1, '02:00:5e:10:00:64']);
    expect(findNet1()!.address).toBe('02:00:5e:10:00:64');
    ours(pod, ['setLinkDown', net1]);
    expect(findNet1()!.flags).not.toContain('UP');
    ours(pod, ['deleteLink', net1]);
    expect(findNet1()).toBeUndefined();
    expect(ours(pod, ['findLink', 'net1'])).toBeUndefined();
    expect(ours(pod, ['findLinkByIndex', net1.index])).toBeUndefined();
  });

  test('carrier is the parent’s, seen from the other namespace', () => {
    madeNet1();
    node.batch('link set far down');
    expect(ours(pod, ['findLink', 'net1'])).toMatchObject({ isUp: true, hasCarrier: false });
  });

  test('a link tells which namespace its parent is in, by the number that the pod has for it', async () => {
    madeNet1();
    const { link_netnsid } = findNet1() as { readonly link_netnsid?: number };
    expect(link_netnsid).toEqual(expect.any(Number));
    expect(ours<Link>(pod, ['findLink', 'net1']).parentNamespaceId).toBe(link_netnsid);
    expect(ours<Link>(node, ['findLink', 'lan']).parentNamespaceId).toBeUndefined();
    const { pid } = node.start(['sleep', '600'], { stdio: 'ignore' });
    await eventually(() => expect(ours(pod, ['findNamespaceId', pid!])).toBe(link_netnsid));
    expect(ours(pod, ['findNamespaceId', process.pid])).toBeUndefined();
    expect(attempt(pod, ['findNamespaceId', 4194305])[0]!.error).toMatch(/process 4194305\): ESRCH, no such entry/);
  });

  test.each([
    ['203.0.113.26', '203.0.113.0/24'],
    ['2001:db8:113::26', '2001:db8:113::/48'],
  ])('the route to %s is the one that ip finds', (address, subnet) => {
    const route = () => ours<Route | undefined>(node, ['findRouteTo', ip(address)]);
    expect(route()).toBeUndefined();
    node.batch('route add default dev lan');
    node.run('ip', '-6', 'route', 'add', 'default', 'dev', 'lan');
    expect(route()).toMatchObject({ type: 'unicast', interfaceIndex: 7 });
    expect(route()!.destination).toBeUndefined();
    node.batch(`route add ${subnet} dev far`);
    expect(route()).toMatchObject({ type: 'unicast', interfaceIndex: 8, destination: { text: subnet } });
    expect(node.ip('route', 'get', address, 'fibmatch')).toMatchObject([{ dst: subnet, dev: 'far' }]);
    node.batch(`route add blackhole ${address}`);
    expect(route()?.type).not.toBe('unicast');
  });

  test('addresses work at once, and bring no route into the main table', () => {
    const net1 = madeNet1();
    for (const text of ['192.168.12.99/24', '2001:db8:12::99/64']) ours(pod, ['addAddress', cidr(text), net1]);
    const addresses = pod.ip<IpLink>('address', 'show', 'dev', 'net1')[0]!.addr_info;
    expect(addresses).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ local: '192.168.12.99', prefixlen: 24, noprefixroute: true }),
        expect.objectContaining({ local: '2001:db8:12::99', prefixlen: 64, noprefixroute: true, nodad: true }),
      ]),
    );
    expect(addresses[1]).not.toHaveProperty('tentative');
    expect(pod.ip('-4', 'route', 'show')).toEqual([]);
    expect(pod.ip<IpRoute>('-6', 'route', 'show').map(({ dst }) => dst)).toEqual(['fe80::/64']);
  });

  const SUBNETS: Readonly<Record<Family, Cidr>> = { 4: cidr('192.168.12.0/24'), 6: cidr('2001:db8:12::/64') };
  const SOURCES: Readonly<Record<Family, IpAddress>> = { 4: ip('192.168.12.99'), 6: ip('2001:db8:12::99') };
  const GATEWAYS: Readonly<Record<Family, IpAddress>> = { 4: ip('192.168.12.1'), 6: ip('fe80::1') };

  /** As of a router: the subnet, the gateway, and a refusal behind them. */
  function routesOf(family: Family, interfaceIndex: number): Route[] {
    const common = { family, table: TABLE, protocol: PROTOCOL, type: 'unicast' as const };
    return [
      { ...common, interfaceIndex, destination: SUBNETS[family] },
      { ...common, interfaceIndex, gateway: GATEWAYS[family] },
      { ...common, type: 'unreachable', metric: LAST_METRIC },
    ];
  }

  describe.each([4, 6] as const)('IPv%i', (family) => {
    test('routes are what ip prints, are found again, and go', () => {
      const routes = routesOf(family, madeNet1().index);
      ours(pod, ...routes.map((route): RouteCall => ['addRoute', route]));
      const metric = family === 6 ? { metric: 1024 } : {};
      const printed = pod.ip<IpRoute>(`-${family}`, 'route', 'show', 'table', '100');
      const unicast = { type: 'unicast', dev: 'net1', protocol: '101', ...metric };
      expect(printed).toHaveLength(3);
      expect(printed).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...unicast, dst: SUBNETS[family].text, scope: family === 4 ? 'link' : 'global' }),
          expect.objectContaining({ ...unicast, dst: 'default', gateway: GATEWAYS[family].text, scope: 'global' }),
          expect.objectContaining({ type: 'unreachable', dst: 'default', metric: LAST_METRIC, protocol: '101' }),
        ]),
      );
      const found = ours<Route[]>(pod, ['listRoutes', family, TABLE]);
      const wanted = routes.map((route) => ({ ...metric, ...route }));
      expect(found.map(routeLine).sort()).toEqual(wanted.map(routeLine).sort());
      // By what was listed, as DEL does.
      ours(pod, ...found.map((route): RouteCall => ['deleteRoute', route]));
      expect(ours(pod, ['listRoutes', family, TABLE])).toEqual([]);
    });

    test('policy rules are what ip prints, are found again, and go', () => {
      const common = { family, protocol: PROTOCOL };
      const rules: PolicyRule[] = [
        { ...common, priority: 1000, incoming: 'eth0', table: TABLE },
        { ...common, priority: 1000, source: SOURCES[family], table: TABLE },
        { ...common, priority: 1001, incoming: 'eth0' },
        { ...common, priority: 1001, source: SOURCES[family] },
      ];
      ours(pod, ...rules.map((rule): RouteCall => ['addRule', rule]));
      const printed = () => pod.ip<IpRule>(`-${family}`, 'rule', 'show').filter(({ protocol }) => protocol === '101');
      const source = SOURCES[family].text;
      expect(printed()).toEqual([
        expect.objectContaining({ priority: 1000, src: 'all', iif: 'eth0', table: '100' }),
        expect.objectContaining({ priority: 1000, src: source, table: '100' }),
        expect.objectContaining({ priority: 1001, src: 'all', iif: 'eth0', action: 'unreachable' }),
        expect.objectContaining({ priority: 1001, src: source, action: 'unreachable' }),
      ]);
      const found = ours<PolicyRule[]>(pod, ['listRules', family]).filter(({ protocol }) => protocol === PROTOCOL);
      expect(found.map(policyRuleText)).toEqual(rules.map(policyRuleText));
      ours(pod, ...found.map((rule): RouteCall => ['deleteRule', rule]));
      expect(printed()).toEqual([]);
    });

    test('5,000 routes of others are no routes of the table', () => {
      const routes = routesOf(family, madeNet1().index);
      ours(pod, ...routes.map((route): RouteCall => ['addRoute', route]));
      const others = Array.from({ length: 5000 }, (_, index) => {
        const destination =
          family === 4 ? `10.${index >> 8}.${index & 255}.0/24` : `2001:db8:${index.toString(16)}::/48`;
        // In the main table, in the next one, and in one whose number has the same last byte.
        return `route add unreachable ${destination} table ${['main', 101, 356][index % 3]}`;
      });
      pod.batch(...others);
      const [ofTable, all] = attempt(pod, ['listRoutes', family, TABLE], ['listRoutes', family]);
      console.info(
        `IPv${family}: table 100 beside 5,000 other routes read in ${ofTable!.milliseconds.toFixed(1)} ms, ` +
          `all in ${all!.milliseconds.toFixed(1)} ms`,
      );
      expect((ofTable!.result as Route[]).map(({ protocol }) => protocol)).toEqual([PROTOCOL, PROTOCOL, PROTOCOL]);
      const listed = all!.result as Route[];
      expect(listed.filter(({ table }) => [254, 101, 356].includes(table)).length).toBeGreaterThanOrEqual(5000);
      expect(listed.filter(({ protocol }) => protocol === PROTOCOL)).toHaveLength(3);
    });

    test('everything of others is read as ip prints it', () => {
      const { status, stderr } = node.try(['ip', `-${family}`, '-batch', '-'], OTHERS[family].join('\n'));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const indexes = new Map(node.ip<IpLink>('link', 'show').map(({ ifname, ifindex }) => [ifname, ifindex]));
      const routes = ours<Route[]>(node, ['listRoutes', family]);
      const printed = node
        .ip<IpRoute>(`-${family}`, 'route', 'show', 'table', 'all')
        .filter(({ type }) => ['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'].includes(type));
      expect(routes.map(routeLine).sort()).toEqual(printed.map((route) => ipRouteLine(route, indexes)).sort());
      expect(routes.length).toBeGreaterThan(5);

      const rules = ours<PolicyRule[]>(node, ['listRules', family]);
      expect(rules.map(({ hasOtherConditions, source, ...rule }) => policyRuleText(rule))).toEqual(
        node.ip<IpRule>(`-${family}`, 'rule', 'show').map(ipRuleText),
      );
      expect(rules.filter(({ hasOtherConditions }) => hasOtherConditions).map(({ priority }) => priority)).toEqual([
        500, 600,
      ]);
    });
  });

  test('links and addresses of others are read as ip prints them', () => {
    node.batch(
      'link add br0 type bridge',
      'link set far master br0',
      'link set br0 up',
      'link add link lan name other mtu 1300 type macvlan mode private',
      'address add 10.0.0.1 peer 10.0.0.2 dev lan',
      'address add 192.168.13.9/24 dev lan',
      'address add 2001:db8:13::9/64 dev lan noprefixroute',
    );
    const printed = node.ip<IpLink>('address', 'show');
    const indexOf = (name: string | undefined) => printed.find(({ ifname }) => ifname === name)?.ifindex;
    expect(ours<Link[]>(node, ['listLinks'])).toEqual(
      printed.map(({ flags, linkinfo, ...link }) => ({
        index: link.ifindex,
        name: link.ifname,
        mac: link.address,
        mtu: link.mtu,
        isEthernet: link.ifname !== 'lo',
        isUp: flags.includes('UP'),
        hasCarrier: flags.includes('LOWER_UP'),
        group: link.group === 'default' ? 0 : Number(link.group),
        promiscuity: link.promiscuity,
        carrierUps: expect.any(Number),
        parentIndex: link.link_index ?? indexOf((link as { link?: string }).link),
        masterIndex: indexOf(link.master),
        kind: linkinfo?.info_kind,
        macvlanMode: linkinfo?.info_data?.mode,
      })),
    );
    const addressLine = (index: number, text: string, isBare?: boolean) => `${index} ${text}${isBare ? ' bare' : ''}`;
    expect(
      ours<InterfaceAddress[]>(node, ['listAddresses'])
        .map((address) => addressLine(address.interfaceIndex, address.cidr.text, address.hasNoPrefixRoute))
        .sort(),
    ).toEqual(
      printed
        .flatMap(({ ifindex, addr_info }) =>
          addr_info.map((info) => addressLine(ifindex, `${info.local}/${info.prefixlen}`, info.noprefixroute)),
        )
        .sort(),
    );
  });

  test('an error has the request, the number, and the kernel’s own message', () => {
    const net1 = madeNet1();
    const unreachable = { ...routesOf(4, net1.index)[1]!, gateway: ip('203.0.113.1') };
    const rule: PolicyRule = { family: 4, priority: 1000, incoming: 'eth0', table: TABLE, protocol: PROTOCOL };
    const answers = attempt(
      pod,
      ['addRoute', unreachable],
      ['addRule', rule],
      ['addRule', rule],
      ['deleteRoute', routesOf(6, net1.index)[0]!],
      ['addAddress', cidr('192.168.12.99/24'), { index: 4711, name: 'net9' }],
      ['setLinkUp', { index: 4711, name: 'net9' }],
      ['setLinkAddress', net1, '01:00:5e:10:00:64'],
    );
    expect(answers.map(({ error }) => error)).toEqual([
      'ip route add default via 203.0.113.1 table 100: ENETUNREACH, network is unreachable (Nexthop has invalid gateway)',
      undefined,
      expect.stringMatching(/^ip -4 rule add priority 1000 from all iif eth0 lookup 100: EEXIST, exists already/),
      expect.stringMatching(/^ip route delete 2001:db8:12::\/64 table 100: ESRCH, no such entry/),
      expect.stringMatching(/^ip address add 192.168.12.99\/24 dev net9 noprefixroute: ENODEV, no such device/),
      expect.stringMatching(/^ip link set net9 up: ENODEV, no such device/),
      expect.stringMatching(/^ip link set net1 address 01:00:5e:10:00:64: EADDRNOTAVAIL, address not available/),
    ]);
  });

  test('several changes in one datagram: the first rejected one is named, and the others are made', () => {
    const { index } = madeNet1();
    const [subnet, gateway, refusal] = routesOf(4, index) as [Route, Route, Route];
    const twice = [subnet, { ...gateway, gateway: ip('203.0.113.1') }, subnet, refusal];
    const [answer] = attempt(pod, ['addRoutes', twice]);
    expect(answer!.error).toMatch(/^ip route add default via 203\.0\.113\.1 table 100: ENETUNREACH/);
    expect(
      ours<Route[]>(pod, ['listRoutes', 4, TABLE])
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['unicast', 'unreachable']);
  });

  test('a table that does not exist is empty', () => {
    for (const family of [4, 6] as const) expect(ours(pod, ['listRoutes', family, 99])).toEqual([]);
    // The kernel refuses in the message that ends the dump.
    const [answer] = attempt(pod, ['dumpTable', 99]);
    expect(answer!.error).toMatch(/^ip route show table 99: ENOENT, no such thing/);
  });

  test('a missing privilege is named', () => {
    const command = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', BUN, DRIVER];
    const { stdout } = pod.try(command, JSON.stringify([['setLinkUp', { index: 1, name: 'lo' }]]));
    expect(JSON.parse(stdout)[0].error).toBe('ip link set lo up: EPERM, operation not permitted');
  });
});

function routeLine(route: Route): string {
  return `${routeText(route)} dev ${route.interfaceIndex} proto ${route.protocol}`;
}

/** A route as `ip` prints it, in our words; of several next hops the first. */
function ipRouteLine(route: IpRoute, indexes: ReadonlyMap<string, number>): string {
  const hop = route.nexthops?.[0] ?? route;
  const isDefault = route.dst === 'default';
  const isHost = !route.dst.includes('/');
  const width = route.dst.includes(':') ? 128 : 32;
  return routeLine({
    family: 4,
    type: route.type as Route['type'],
    table: numberOf(route.table ?? 'main'),
    destination: isDefault ? undefined : cidr(isHost ? `${route.dst}/${width}` : route.dst),
    gateway: hop.gateway === undefined ? undefined : ip(hop.gateway),
    interfaceIndex: route.type === 'unicast' ? indexes.get(hop.dev!) : undefined,
    metric: route.metric,
    protocol: numberOf(route.protocol),
  });
}

/** A rule as `ip` prints it, in our words, without its source. */
function ipRuleText({ priority, iif, table }: IpRule): string {
  return policyRuleText({
    family: 4,
    priority,
    incoming: iif,
    table: table === undefined ? undefined : numberOf(table),
  });
}
