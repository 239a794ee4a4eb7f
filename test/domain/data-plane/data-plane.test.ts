import { dataPlane, isSettingOf } from '../../../src/domain/data-plane/data-plane';
import type { NftChain, NftStatement } from '../../../src/domain/data-plane/nft-table';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const DUAL = {
  cniVersion: '1.0.0',
  name: 'partners.bank',
  type: 'egress-router',
  ip: {
    addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
    destinations: ['443 TCP 203.0.113.26', '443 TCP 2001:db8:113::26 8443', '53 UDP 203.0.113.53'],
  },
};

function planeOf(input: object, primary = 'eth0') {
  return dataPlane(decodeNetworkConfig(input), 'net1', primary);
}

function withIp(ip: object, top: object = {}) {
  return planeOf({ ...DUAL, ...top, ip: { ...DUAL.ip, ...ip } });
}

function chain(plane: ReturnType<typeof planeOf>, name: string): NftChain {
  return plane.table.chains.find((candidate) => candidate.name === name)!;
}

/** The kinds of statements of each rule, with what tells them apart. */
function words({ rules }: NftChain): string[] {
  const word = (statement: NftStatement): string => {
    const { kind, ...rest } = statement;
    const detail = Object.values(rest).map((value) =>
      typeof value === 'object' && 'text' in value ? value.text : String(value),
    );
    return [kind, ...detail].join(' ');
  };
  return rules.map((rule) => rule.map(word).join(', '));
}

test('the link has the MAC, and the mode and MTU of the configuration', () => {
  const args = { interfaceArgs: { mode: 'private', master: 'eth1', mtu: '1400' } };
  expect(planeOf({ ...DUAL, ...args }).link).toEqual({
    name: 'net1',
    mac: 'e2:65:c0:a8:0c:63',
    group: 101,
    mode: 'private',
    master: 'eth1',
    mtu: 1400,
  });
});

test('each family has its subnet, its gateway and a refusal at the end of the table', () => {
  const plane = planeOf(DUAL);
  expect(plane.addresses.map(({ text }) => text)).toEqual(['192.168.12.99/24', '2001:db8:12::99/64']);
  const text = plane.routes.map(
    ({ type, destination, gateway, table, metric }) =>
      `${type} ${destination?.text ?? 'default'} via ${gateway?.text} table ${table} metric ${metric}`,
  );
  expect(text).toEqual([
    'unicast 192.168.12.0/24 via undefined table 100 metric undefined',
    'unicast default via 192.168.12.1 table 100 metric undefined',
    'unreachable default via undefined table 100 metric 4294967295',
    'unicast 2001:db8:12::/64 via undefined table 100 metric undefined',
    'unicast fe80::/64 via undefined table 100 metric undefined',
    'unicast default via fe80::1 table 100 metric undefined',
    'unreachable default via undefined table 100 metric 4294967295',
  ]);
});

test('a router without a gateway has only the rejecting default route', () => {
  const plane = withIp({ addresses: ['192.168.12.99/24'], gateways: [], destinations: ['443 TCP 192.168.12.7'] });
  expect(plane.routes.map(({ type }) => type)).toEqual(['unicast', 'unreachable']);
});

test('a subnet of one address has its gateway on the link', () => {
  const plane = withIp({
    addresses: ['203.0.113.7/32', '2001:db8:12::99/128'],
    gateways: ['192.0.2.1', 'fe80::1'],
    destinations: ['443 TCP 203.0.113.26'],
  });
  expect(plane.routes.map(({ type, destination, gateway }) => [type, destination?.text, gateway?.text])).toEqual([
    ['unicast', '192.0.2.1/32', undefined],
    ['unicast', undefined, '192.0.2.1'],
    ['unreachable', undefined, undefined],
    ['unicast', 'fe80::/64', undefined],
    ['unicast', undefined, 'fe80::1'],
    ['unreachable', undefined, undefined],
  ]);
});

test("clients' packets look up the table and are rejected after it, with any content", () => {
  const plane = planeOf({ ...DUAL, routingTable: 77 }, 'ovn-udn1');
  const rules = plane.policyRules.filter(({ family }) => family === 6);
  expect(
    rules.map(({ priority, incoming, source, outgoing, table }) => [
      priority,
      incoming ?? source?.text ?? outgoing,
      table,
    ]),
  ).toEqual([
    [1000, 'ovn-udn1', 77],
    [1000, '2001:db8:12::99', 77],
    [1000, 'net1', 77],
    [1001, 'ovn-udn1', undefined],
    [1001, '2001:db8:12::99', undefined],
    [1001, 'net1', undefined],
    [32765, undefined, 254],
    [32765, undefined, 78],
    [32765, undefined, undefined],
  ]);
  expect(rules.map(({ suppressedGroup }) => suppressedGroup)).toEqual([...Array(6), plane.link.group, ...Array(2)]);
});

test('forwarding is the last setting, and only of the families in use', () => {
  const only4 = withIp({
    addresses: ['192.168.12.99/24'],
    gateways: ['192.168.12.1'],
    destinations: ['1 TCP 192.0.2.1'],
  });
  expect(only4.sysctls.at(-1)).toEqual({ path: 'net/ipv4/ip_forward', value: '1', isOptional: false });
  expect(only4.sysctls).toContainEqual({ path: 'net/ipv6/conf/net1/disable_ipv6', value: '1', isOptional: true });
  expect(only4.sysctls.map(({ path }) => path)).not.toContain('net/ipv6/conf/all/forwarding');
  expect(only4.sysctls.map(({ path }) => path)).not.toContain('net/ipv6/conf/all/accept_dad');
  const both = planeOf(DUAL);
  expect(both.sysctls.slice(-6).map(({ path }) => path)).toEqual([
    'net/ipv4/icmp_errors_use_inbound_ifaddr',
    'net/ipv4/conf/eth0/forwarding',
    'net/ipv4/conf/net1/forwarding',
    'net/ipv4/ip_forward',
    'net/ipv6/conf/eth0/accept_ra',
    'net/ipv6/conf/all/forwarding',
  ]);
  expect(both.sysctls).toContainEqual({ path: 'net/ipv6/conf/net1/accept_ra', value: '0', isOptional: false });
});

test('only where the pod answers probes, neighbours are asked often enough to notice silence in time', () => {
  const neighbourSettings = (plane: ReturnType<typeof planeOf>) =>
    plane.sysctls.filter(({ path }) => path.includes('/neigh/')).map(({ path, value }) => `${path}=${value}`);
  expect(neighbourSettings(planeOf(DUAL))).toEqual([]);
  expect(neighbourSettings(planeOf({ ...DUAL, healthPort: 9180 }))).toEqual([
    'net/ipv4/neigh/net1/base_reachable_time_ms=400',
    'net/ipv4/neigh/net1/delay_first_probe_time=0',
    'net/ipv4/neigh/net1/retrans_time_ms=160',
    'net/ipv4/neigh/net1/ucast_solicit=3',
    'net/ipv6/neigh/net1/base_reachable_time_ms=400',
    'net/ipv6/neigh/net1/delay_first_probe_time=0',
    'net/ipv6/neigh/net1/retrans_time_ms=160',
    'net/ipv6/neigh/net1/ucast_solicit=3',
  ]);
});

test('a setting is of the link by the place of its name in the path, whatever the name is', () => {
  const setting = (path: string) => ({ path, value: '1', isOptional: false });
  expect(isSettingOf('net1', setting('net/ipv4/conf/net1/rp_filter'))).toBe(true);
  expect(isSettingOf('net1', setting('net/ipv6/neigh/net1/retrans_time_ms'))).toBe(true);
  expect(isSettingOf('conf', setting('net/ipv4/conf/eth0/rp_filter'))).toBe(false);
  expect(isSettingOf('ipv4', setting('net/ipv4/ip_forward'))).toBe(false);
});

test('a rule has one mark, in the map of its family and in both sets', () => {
  const { maps, sets } = planeOf(DUAL).table;
  const marks = maps.flatMap((map) =>
    map.kind === 'mark'
      ? [[map.name, map.elements.map(({ protocol, port, mark }) => `${protocol} ${port} ${mark}`)]]
      : [],
  );
  expect(marks).toEqual([
    ['marks4', ['TCP 443 1', 'UDP 53 3']],
    ['marks6', ['TCP 443 2']],
  ]);
  const targets = maps.flatMap((map) =>
    map.kind === 'target'
      ? [[map.name, map.counter, map.elements.map(({ address, targetPort }) => `${address.text} ${targetPort}`)]]
      : [],
  );
  expect(targets).toEqual([
    ['redirect4', false, ['203.0.113.26 443', '203.0.113.53 53']],
    ['redirect6', false, ['2001:db8:113::26 8443']],
  ]);
  expect(sets.slice(0, 2)).toEqual([
    { kind: 'marks', name: 'sent', counter: false, marks: [1, 3, 2] },
    { kind: 'marks', name: 'received', counter: false, marks: [1, 3, 2] },
  ]);
});

test('the pod itself may reach the destinations of rules, and ask the gateway', () => {
  const services = planeOf(DUAL).table.sets.flatMap((set) =>
    set.kind === 'services'
      ? set.elements.map(({ protocol, address, port }) => `${set.name} ${protocol} ${address.text} ${port}`)
      : [],
  );
  expect(services).toEqual([
    'own4 UDP 192.168.12.1 9',
    'own4 TCP 203.0.113.26 443',
    'own4 UDP 203.0.113.53 53',
    'own6 UDP fe80::1 9',
    'own6 TCP 2001:db8:113::26 8443',
  ]);
});

test('counters are on the redirect maps and the sets', () => {
  const { maps, sets } = planeOf({ ...DUAL, counters: true }).table;
  expect(maps.filter((map) => map.kind === 'target' && map.counter)).toHaveLength(2);
  expect(sets.flatMap((set) => (set.kind === 'marks' ? [set.counter] : []))).toEqual([true, true]);
});

test('the chains of a dual-stack router', () => {
  const plane = planeOf(DUAL);
  expect(words(chain(plane, 'guard'))).toEqual([
    'not-iifname net1, accept',
    'address daddr 192.168.12.99/32, accept',
    'address daddr 2001:db8:12::99/128, accept',
    'l4proto ipv6-icmp, address daddr fe80::/10, accept',
    'l4proto ipv6-icmp, address daddr ff02::/16, accept',
    'drop',
  ]);
  expect(words(chain(plane, 'prerouting'))).toEqual([
    'not-iifname eth0, return',
    'address saddr 192.168.12.99/32, drop',
    'nfproto 6, from-local, drop',
    'not-to-interface, return',
    'nfproto 4, ct-mark-from marks4',
    'nfproto 4, dnat-from 4 redirect4',
    'nfproto 6, ct-mark-from marks6',
    'nfproto 6, dnat-from 6 redirect6',
  ]);
  expect(words(chain(plane, 'postrouting'))).toEqual([
    'nfproto 4, oifname net1, snat 192.168.12.99',
    'nfproto 6, oifname net1, snat 2001:db8:12::99',
  ]);
  expect(chain(plane, 'forward').policy).toBe('drop');
  expect(words(chain(plane, 'forward'))).toEqual([
    'iifname eth0, oifname net1, ct-direction original, ct-mark-in sent, accept',
    'iifname net1, oifname eth0, ct-direction reply, ct-mark-in received, accept',
  ]);
  expect(words(chain(plane, 'input'))).toEqual([
    'iifname eth0, ct-state invalid, drop',
    'not-iifname net1, not-iifname lo, address saddr 192.168.12.99/32, drop',
    'not-iifname net1, not-iifname lo, address daddr 192.168.12.99/32, drop',
    'not-iifname net1, not-iifname lo, address saddr 2001:db8:12::99/128, drop',
    'not-iifname net1, not-iifname lo, address daddr 2001:db8:12::99/128, drop',
    'iifname net1, ct-state invalid, drop',
    'iifname net1, ct-state established,related, accept',
    'iifname net1, ct-state new, address saddr 192.168.12.0/24, limit true 50, drop',
    'iifname net1, ct-state new, address saddr 2001:db8:12::/64, limit true 50, drop',
    'iifname net1, ct-state new, address saddr fe80::/10, limit true 50, drop',
    'iifname net1, icmp-type 4 echo-request, limit false 50, accept',
    'iifname net1, icmp-type 6 echo-request, limit false 50, accept',
    'iifname net1, icmp-type 6 nd-neighbor-solicit, accept',
    'iifname net1, icmp-type 6 nd-neighbor-advert, accept',
    'iifname net1, icmp-type 6 mld-listener-query, accept',
    'iifname net1, ct-state new, tcp-neither-syn-nor-rst, reject-reset',
    'iifname net1, ct-state new, l4proto udp, reject-port',
    'iifname net1, ct-state new, l4proto sctp, reject-port',
    'iifname net1, drop',
  ]);
  expect(words(chain(plane, 'output'))).toEqual([
    'address saddr 192.168.12.99/32, not-oifname net1, not-oifname lo, drop',
    'address saddr 2001:db8:12::99/128, not-oifname net1, not-oifname lo, drop',
    'ct-state untracked, l4proto ipv6-icmp, accept',
    'nfproto 6, not-from-local, drop',
    'not-oifname net1, accept',
    'address saddr 192.168.12.99/32, ct-direction reply, accept',
    'address saddr 192.168.12.99/32, ct-state related, accept',
    'service-in 4 own4, accept',
    'address saddr 2001:db8:12::99/128, ct-direction reply, accept',
    'address saddr 2001:db8:12::99/128, ct-state related, accept',
    'address saddr fe80::/10, ct-direction reply, accept',
    'address saddr fe80::/10, ct-state related, accept',
    'service-in 6 own6, accept',
    'drop',
  ]);
});

test('segments fit into the MTU of the routes where the link has one of its own', () => {
  const plane = planeOf({ ...DUAL, interfaceArgs: { mtu: '1300' } });
  expect(words(chain(plane, 'forward'))[0]).toBe('tcp-syn, mss-of-route');
});

test('a limit of connections is in the NAT chain, before the source address, for each family', () => {
  const plane = planeOf({ ...DUAL, connectionsPerClient: 4000 });
  const limits = words(chain(plane, 'postrouting')).slice(0, 2);
  expect(limits).toEqual([
    'oifname net1, ct-marked, l4proto-not icmp, connections-over 4 clients4 4000, counter, drop',
    'oifname net1, ct-marked, l4proto-not ipv6-icmp, connections-over 6 clients6 4000, counter, drop',
  ]);
  expect(plane.table.sets.filter(({ kind }) => kind === 'clients').map(({ name }) => name)).toEqual([
    'clients4',
    'clients6',
  ]);
  expect(planeOf(DUAL).table.sets.map(({ kind }) => kind)).not.toContain('clients');
});

test('a limit of connections to the health port is for the cluster network, after what is dropped in any case', () => {
  const plane = planeOf({ ...DUAL, healthPort: 9180 });
  expect(words(chain(plane, 'input')).slice(4, 8)).toEqual([
    'not-iifname net1, not-iifname lo, address daddr 2001:db8:12::99/128, drop',
    'iifname eth0, ct-state new, tcp-dport 9180, source-over 4 health4 64, counter, drop',
    'iifname eth0, ct-state new, tcp-dport 9180, source-over 6 health6 64, counter, drop',
    'iifname net1, ct-state invalid, drop',
  ]);
  const { sets } = plane.table;
  expect(sets.filter(({ kind }) => kind === 'sources').map(({ name }) => name)).toEqual(['health4', 'health6']);
  expect(planeOf(DUAL).table.sets.map(({ kind }) => kind)).not.toContain('sources');
});

test('a fallback has a mark of its own, and leaves the health port to the pod', () => {
  const fallback = { fallbackIP: '203.0.113.99' };
  expect(words(chain(withIp(fallback, { healthPort: 9180 }), 'prerouting')).slice(6, 8)).toEqual([
    'nfproto 4, tcp-dport 9180, return',
    'nfproto 4, pkttype-host, ct-mark 4, dnat 203.0.113.99',
  ]);
  const pair = withIp(fallback, { standbyMac: 'e6:65:c0:a8:0c:63' });
  expect(words(chain(pair, 'prerouting')).slice(6, 8)).toEqual([
    'nfproto 4, tcp-dport 10870, return',
    'nfproto 4, udp-dport 10870, return',
  ]);
  const plane = withIp(fallback);
  expect(words(chain(plane, 'prerouting'))[6]).toBe('nfproto 4, pkttype-host, ct-mark 4, dnat 203.0.113.99');
  expect(words(chain(plane, 'output'))).toContain('address daddr 203.0.113.99/32, accept');
  expect(plane.table.sets.flatMap((set) => (set.kind === 'marks' ? [set.marks] : []))).toEqual([
    [1, 3, 4, 2],
    [1, 3, 4, 2],
  ]);
});

test('the table says its layout and whose it is', () => {
  expect(planeOf(DUAL).table).toMatchObject({
    name: 'egress_router',
    comment: 'egress-router layout 2 interface net1',
  });
});
