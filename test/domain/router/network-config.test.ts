import { issueText } from '../../../src/domain/input/issue';
import { CNI_VERSIONS, decodeNetworkConfig, encodeNetworkConfig } from '../../../src/domain/router/network-config';
import { DEFAULT_OPTIONS } from '../../../src/domain/router/router-options';
import { refusals } from '../../support/network-config';

const VALID = {
  cniVersion: '1.0.0',
  name: 'db',
  type: 'egress-router',
  ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
};

const withIp = (changes: Record<string, unknown>) => ({ ...VALID, ip: { ...VALID.ip, ...changes } });

/** What the Cluster Network Operator renders: keys, order and spacing of its template. */
function renderedByOperator(destinations: readonly string[], fallbackIp: string, gateway: string): string {
  const fallback = fallbackIp === '' ? '' : `"fallbackIP": "${fallbackIp}",`;
  return `{
    "cniVersion": "0.4.0",
    "type": "egress-router",
    "name": "egress-router-cni-nad",
    "ip": {
      "addresses": [
        "192.168.12.99/24"
        ],
      "destinations": ${JSON.stringify(destinations)},
       ${fallback}
      "gateway": "${gateway}"
        },
      "log_file": "/tmp/egress-router-log",
      "log_level": "debug"
    }`;
}

test('the configuration that the Cluster Network Operator renders means what its author meant', () => {
  const destinations = ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.26 443'];
  const config = decodeNetworkConfig(JSON.parse(renderedByOperator(destinations, '203.0.113.27', '192.168.12.1')));
  expect(config).toMatchObject({
    cniVersion: '0.4.0',
    name: 'egress-router-cni-nad',
    type: 'egress-router',
    macvlan: { mode: 'bridge' },
    addresses: [{ cidr: { text: '192.168.12.99/24' }, gateway: { text: '192.168.12.1' } }],
    fallbacks: [{ text: '203.0.113.27' }],
    macAddress: 'e2:65:c0:a8:0c:63',
  });
  expect(
    config.rules.map(({ port, protocol, destination, targetPort }) => [port, protocol, destination.text, targetPort]),
  ).toEqual([
    [80, 'UDP', '203.0.113.25', 80],
    [8080, 'TCP', '203.0.113.26', 80],
    [8443, 'TCP', '203.0.113.26', 443],
  ]);
  expect(config.options).toStrictEqual({ ...DEFAULT_OPTIONS, logFile: '/tmp/egress-router-log', logLevel: 'debug' });
});

test('the operator leaves out an empty fallback, and an empty gateway counts as absent', () => {
  const config = decodeNetworkConfig(JSON.parse(renderedByOperator(['80 TCP 192.168.12.50'], '', '')));
  expect(config.fallbacks).toEqual([]);
  expect(config.addresses[0]).not.toHaveProperty('gateway');
});

test('the operator renders a rule without port as a bare address, which takes every other port', () => {
  const config = decodeNetworkConfig(JSON.parse(renderedByOperator(['203.0.113.27'], '', '192.168.12.1')));
  expect([config.rules, config.fallbacks.map(({ text }) => text)]).toEqual([[], ['203.0.113.27']]);
});

test('the operator renders a fallback alone with an empty list of destinations', () => {
  const config = decodeNetworkConfig(JSON.parse(renderedByOperator([], '203.0.113.27', '192.168.12.1')));
  expect([config.rules, config.fallbacks.map(({ text }) => text)]).toEqual([[], ['203.0.113.27']]);
});

test('the arguments of the interface are texts in the reference implementation, and an empty text is the default', () => {
  const macvlanOf = (interfaceArgs: unknown) =>
    decodeNetworkConfig({ ...VALID, interfaceType: 'macvlan', interfaceArgs }).macvlan;
  expect(macvlanOf({ master: 'eth1', mode: 'private', mtu: '1400' })).toStrictEqual({
    master: 'eth1',
    mode: 'private',
    mtu: 1400,
  });
  expect(macvlanOf({ master: '', mode: '', mtu: '' })).toStrictEqual({ mode: 'bridge' });
  expect(macvlanOf({})).toStrictEqual({ mode: 'bridge' });
  expect(macvlanOf(undefined)).toStrictEqual({ mode: 'bridge' });
});

test('an empty interface type, log file or log level is the default, as in the reference implementation', () => {
  const config = decodeNetworkConfig({ ...VALID, interfaceType: '', log_file: '', log_level: '' });
  expect(config.options).toStrictEqual(DEFAULT_OPTIONS);
});

test('the log level of the reference implementation is known', () => {
  for (const level of ['panic', 'error', 'verbose', 'debug', 'Debug'])
    decodeNetworkConfig({ ...VALID, log_level: level });
});

test('an empty fallback counts as absent', () => {
  expect(decodeNetworkConfig(withIp({ fallbackIP: '' })).fallbacks).toEqual([]);
});

test('missing options have their defaults', () => {
  const { cniVersion: _, ...rest } = VALID;
  expect(decodeNetworkConfig(rest)).toMatchObject({
    cniVersion: '0.3.0',
    macvlan: { mode: 'bridge' },
    options: DEFAULT_OPTIONS,
  });
});

test.each(CNI_VERSIONS)('version %s of the CNI specification is accepted', (cniVersion) => {
  expect(decodeNetworkConfig({ ...VALID, cniVersion }).cniVersion).toBe(cniVersion);
});

test('a link-local gateway leads out of an IPv6 subnet', () => {
  const ip = { addresses: ['2001:db8::9/64'], gateway: 'fe80::1', destinations: ['80 TCP 2001:db8:1::1'] };
  expect(decodeNetworkConfig({ ...VALID, ip }).addresses[0]!.gateway?.text).toBe('fe80::1');
});

test('two gateways belong to the addresses of their families, in any order', () => {
  const ip = {
    addresses: ['192.168.12.99/24', '2001:db8::9/64'],
    gateways: ['fe80::1', '192.168.12.1'],
    destinations: ['80 TCP 2001:db8:1::1', '80 TCP 10.0.0.1'],
  };
  const gateways = decodeNetworkConfig({ ...VALID, ip }).addresses.map(({ gateway }) => gateway?.text);
  expect(gateways).toEqual(['192.168.12.1', 'fe80::1']);
  const { gateways: _, ...single } = ip;
  expect(
    decodeNetworkConfig({ ...VALID, ip: { ...single, gateway: '192.168.12.1', gateways: ['fe80::1'] } }).addresses,
  ).toHaveLength(2);
});

test('a given MAC address is kept and a missing one derived', () => {
  expect(decodeNetworkConfig({ ...VALID, mac: '02-00-5E-10-00-01' }).macAddress).toBe('02:00:5e:10:00:01');
  expect(decodeNetworkConfig(VALID).macAddress).toBe('e2:65:c0:a8:0c:63');
});

test('the encoded configuration is readable for a reviewer', () => {
  const ip = {
    addresses: ['192.168.12.99/24', '2001:db8::9/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
    destinations: ['80 TCP 2001:db8:1::1', '8080 tcp 10.0.0.1 80', '2001:db8:1::2'],
    fallbackIP: '10.0.0.2',
  };
  const interfaceArgs = { mode: 'Bridge', master: 'eth1', mtu: 1400 };
  const decoded = decodeNetworkConfig({
    ...VALID,
    ip,
    interfaceArgs,
    healthPort: 9999,
    log_level: 'verbose',
    log_file: '/x',
  });
  expect(JSON.stringify(encodeNetworkConfig(decoded))).toBe(
    JSON.stringify({
      cniVersion: '1.0.0',
      name: 'db',
      type: 'egress-router',
      formatVersion: 1,
      interfaceType: 'macvlan',
      interfaceArgs: { mode: 'bridge', master: 'eth1', mtu: '1400' },
      mac: 'e2:65:c0:a8:0c:63',
      ip: {
        addresses: ip.addresses,
        gateways: ip.gateways,
        destinations: ['80 TCP 2001:db8:1::1', '8080 TCP 10.0.0.1 80', '2001:db8:1::2'],
        fallbackIP: '10.0.0.2',
      },
      healthPort: 9999,
      log_file: '/x',
    }),
  );
});

test('one gateway is written under the key of the reference implementation', () => {
  const { ip } = encodeNetworkConfig(decodeNetworkConfig(VALID));
  expect(ip).toEqual(VALID.ip);
});

test.each(['interfaceArgs', 'ip'] as const)('an unknown key inside %s is refused', (key) => {
  const given = { ...VALID, interfaceArgs: {} };
  const changed = { ...given, [key]: { ...given[key], colour: 'red' } };
  expect(refusals(changed)).toMatchObject([
    { path: `${key}.colour`, value: 'red', problem: expect.stringContaining('unknown key') },
  ]);
});

test.each<['ip' | 'interfaceArgs', string, string]>([
  ['ip', 'destination', 'destinations'],
  ['ip', 'fallbackIp', 'fallbackIP'],
  ['ip', 'adresses', 'addresses'],
  ['ip', 'gatway', 'gateway'],
  ['interfaceArgs', 'Mode', 'mode'],
  ['interfaceArgs', 'masters', 'master'],
])('the misspelled key %s.%s has the hint "%s"', (holder, key, hint) => {
  const given = { ...VALID, interfaceArgs: {} };
  const [issue] = refusals({ ...given, [holder]: { ...given[holder], [key]: 'x' } });
  expect(issue).toMatchObject({
    path: `${holder}.${key}`,
    value: 'x',
    problem: expect.stringContaining(`did you mean "${hint}"?`),
  });
});

test.each([
  ['Mac', 'mac'],
  ['logLevel', 'log_level'],
  ['log-file', 'log_file'],
  ['interfaceArg', 'interfaceArgs'],
  ['interfacetype', 'interfaceType'],
  ['healthport', 'healthPort'],
  ['anouncements', 'announcements'],
  ['detectConflict', 'detectConflicts'],
])('at the top level %s, which is nearly %s, is refused with the hint', (key, hint) => {
  expect(refusals({ ...VALID, [key]: 1 })).toEqual([
    {
      path: key,
      value: 1,
      problem: `is an unknown key (did you mean "${hint}"?)`,
      accepted: expect.stringContaining(hint),
    },
  ]);
});

test('other keys at the top level are tolerated', () => {
  const others = {
    cniVersions: ['1.0.0'],
    args: {},
    capabilities: { portMappings: true },
    runtimeConfig: {},
    prevResult: { cniVersion: '1.0.0', interfaces: [] },
    ipam: {},
    ipMasq: false,
    dns: {},
    deviceID: '0000:01:00.0',
    kubeconfig: '/etc/kubeconfig',
    podIP: {},
    ipConfig: {},
    'cni.dev/valid-attachments': [],
  };
  expect(decodeNetworkConfig({ ...VALID, ...others })).toEqual(decodeNetworkConfig(VALID));
  expect(decodeNetworkConfig(JSON.parse(`{"__proto__": 7, ${JSON.stringify(VALID).slice(1)}`))).toEqual(
    decodeNetworkConfig(VALID),
  );
});

// One line for each kind of bad input: what is given, and the path, the problem and what is accepted instead.
test.each<[unknown, string, unknown, string, string]>([
  [{ ...VALID, cniVersion: '2.0.0' }, 'cniVersion', '2.0.0', 'is not known', '0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0'],
  [{ ...VALID, name: undefined }, 'name', undefined, 'is missing', 'the name of a CNI network'],
  [{ ...VALID, name: 'a/b' }, 'name', 'a/b', 'is not the name of a network', 'the name of a CNI network'],
  [{ ...VALID, type: '../x' }, 'type', '../x', 'is not the name of a plugin', 'the file name of a CNI plugin'],
  [{ ...VALID, interfaceType: 'ipvlan' }, 'interfaceType', 'ipvlan', 'is not known', 'macvlan'],
  [{ ...VALID, interfaceArgs: [] }, 'interfaceArgs', [], 'is not an object', 'an object'],
  [
    { ...VALID, mac: 'ff:ff:ff:ff:ff:ff' },
    'mac',
    'ff:ff:ff:ff:ff:ff',
    'is a multicast address',
    'a unicast MAC address',
  ],
  [{ ...VALID, mac: '' }, 'mac', '', 'is empty', 'a unicast MAC address'],
  [{ ...VALID, ip: 7 }, 'ip', 7, 'is not an object', 'an object'],
  [withIp({ addresses: [] }), 'ip.addresses', [], 'is empty', '["192.168.12.99/24"]'],
  [withIp({ addresses: '10.0.0.1/8' }), 'ip.addresses', '10.0.0.1/8', 'is not a list', '["192.168.12.99/24"]'],
  [
    withIp({ addresses: ['10.0.0.1'], gateway: '' }),
    'ip.addresses[0]',
    '10.0.0.1',
    'has no prefix length',
    'a host address',
  ],
  [withIp({ addresses: [''] }), 'ip.addresses[0]', '', 'is empty', 'a host address'],
  [
    withIp({ addresses: ['127.0.0.1/8'], gateway: '' }),
    'ip.addresses[0]',
    '127.0.0.1/8',
    'is a loopback',
    'a host address',
  ],
  [withIp({ gateway: '192.168.13.1' }), 'ip.gateway', '192.168.13.1', 'is outside the subnet', 'in the subnet of'],
  [
    withIp({ gateway: '192.168.12.99' }),
    'ip.gateway',
    '192.168.12.99',
    'is the reserved address itself',
    'in the subnet of',
  ],
  [withIp({ gateway: 'fe80::1' }), 'ip.gateway', 'fe80::1', 'has no reserved address of its family', 'a gateway of a'],
  [withIp({ gateway: 7 }), 'ip.gateway', 7, 'is not a string', 'an IPv4 or IPv6 address'],
  [withIp({ gateways: ['192.168.12.2'] }), 'ip.gateways[0]', '192.168.12.2', 'is a second gateway of', 'one gateway'],
  [withIp({ gateways: '192.168.12.2' }), 'ip.gateways', '192.168.12.2', 'is not a list', 'a list of gateways'],
  [withIp({ destinations: 'x' }), 'ip.destinations', 'x', 'is not a list', 'a list of redirect rules'],
  [withIp({ destinations: ['80 TCP'] }), 'ip.destinations[0]', '80 TCP', 'has 2 words', '"PORT PROTOCOL IP"'],
  [
    withIp({ destinations: ['1.2.3.4/32'] }),
    'ip.destinations[0]',
    '1.2.3.4/32',
    'carries a prefix length',
    'without prefix',
  ],
  [withIp({ destinations: [] }), 'ip.destinations', [], 'leaves nothing to redirect', 'at least one redirect rule'],
  [withIp({ destinations: undefined }), 'ip.destinations', undefined, 'leaves nothing to redirect', 'at least one'],
  [
    { ...withIp({ destinations: ['9180 TCP 10.0.0.1'] }), healthPort: 9180 },
    'ip.destinations[0]',
    '9180 TCP 10.0.0.1',
    'takes the health port',
    '9180',
  ],
  [withIp({ fallbackIP: '1.2.3.4/32' }), 'ip.fallbackIP', '1.2.3.4/32', 'carries a prefix length', 'without prefix'],
  [
    withIp({ fallbackIP: '192.168.12.99' }),
    'ip.fallbackIP',
    '192.168.12.99',
    'leads to the reserved address',
    'a host',
  ],
])('%j is refused', (given, path, value, problem, accepted) => {
  expect(refusals(given)[0]).toEqual({
    path,
    value,
    problem: expect.stringContaining(problem),
    accepted: expect.stringContaining(accepted),
  });
});

test('two addresses of one family are refused, and both are named', () => {
  expect(refusals(withIp({ addresses: ['192.168.12.99/24', '192.168.12.98/24'] }))).toMatchObject([
    { path: 'ip.addresses[1]', value: '192.168.12.98/24', problem: expect.stringContaining('beside ip.addresses[0]') },
  ]);
});

test('a second address of one family is the only mistake, even when the gateway is in its subnet', () => {
  const given = withIp({ addresses: ['10.0.0.9/24', '192.168.12.99/24'], destinations: ['80 TCP 10.0.0.5'] });
  expect(refusals(given).map(({ path }) => path)).toEqual(['ip.addresses[1]']);
});

test('a port that two destinations take is refused, and both are named', () => {
  expect(refusals(withIp({ destinations: ['80 TCP 10.0.0.1', '80 tcp 10.0.0.2'] }))).toMatchObject([
    {
      path: 'ip.destinations[1]',
      value: '80 tcp 10.0.0.2',
      problem: expect.stringContaining('as ip.destinations[0] does already'),
    },
  ]);
});

test('a second fallback of one family is refused, and both are named', () => {
  expect(refusals(withIp({ fallbackIP: '10.0.0.1', destinations: ['10.0.0.2'] }))).toEqual([
    {
      path: 'ip.destinations[0]',
      value: '10.0.0.2',
      problem: 'is a second fallback beside ip.fallbackIP',
      accepted: 'one fallback address of a family',
    },
  ]);
});

test.each([[undefined], [null], [7], ['{}'], [[]], [true]])('%j is not a configuration', (given) => {
  const problem = given === undefined ? 'is missing' : 'is not an object';
  expect(refusals(given)).toEqual([{ path: '', value: given, problem, accepted: 'an object' }]);
});

test('a missing ip is named first', () => {
  const { ip: _, ...rest } = VALID;
  expect(issueText(refusals(rest)[0]!)).toBe('ip: (nothing) is missing; accepted: an object');
});

test('every mistake of a configuration is found in one pass', () => {
  const given = {
    ...VALID,
    name: '',
    mac: 'x',
    healthPort: 0,
    ip: { addresses: ['x'], destinations: ['y'] },
    interfaceArgs: { mtu: 1 },
  };
  expect(
    refusals(given)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['name', 'mac', 'healthPort', 'ip.addresses[0]', 'ip.destinations[0]', 'interfaceArgs.mtu'].sort());
});

test.each([
  ['macAddress', 'mac'],
  ['master', 'interfaceArgs.master'],
  ['fallbackIP', 'ip.fallbackIP'],
])('the key %s at the top level is refused with the place where it belongs', (key, place) => {
  const issues = refusals({ ...VALID, [key]: 'x' });
  expect(issues).toMatchObject([{ path: key, problem: expect.stringContaining(`(did you mean "${place}"?)`) }]);
});

test("every port may be redirected without a health port, as in the operator's configurations", () => {
  expect(decodeNetworkConfig(withIp({ destinations: ['9180 TCP 10.0.0.1'] })).rules).toHaveLength(1);
});

const HOST = { name: 'api.bank.example', ports: ['20443 TCP 443'], addresses: ['203.0.113.26'] };

test('a host stands for a rule for each of its ports and addresses, behind the rules of destinations', () => {
  const ports = ['20443 TCP 443', '20053 UDP 53'];
  const addresses = ['203.0.113.26', '2001:db8:113::26'];
  const ip = { addresses: ['192.168.12.99/24', '2001:db8:12::99/64'], gateways: ['192.168.12.1', 'fe80::1'] };
  const hosts = [{ ...HOST, ports, addresses }];
  const config = decodeNetworkConfig({ ...VALID, ip: { ...ip, destinations: ['8443 TCP 203.0.113.26 443'], hosts } });
  const rules = config.rules.map(({ host, port, protocol, destination, targetPort }) =>
    [host, port, protocol, destination.text, targetPort].join(' '),
  );
  expect(rules).toEqual([
    ' 8443 TCP 203.0.113.26 443',
    'api.bank.example 20443 TCP 203.0.113.26 443',
    'api.bank.example 20443 TCP 2001:db8:113::26 443',
    'api.bank.example 20053 UDP 203.0.113.26 53',
    'api.bank.example 20053 UDP 2001:db8:113::26 53',
  ]);
  expect(encodeNetworkConfig(config).ip).toMatchObject({ destinations: ['8443 TCP 203.0.113.26 443'], hosts });
});

test('hosts alone are enough to redirect', () => {
  expect(decodeNetworkConfig(withIp({ destinations: [], hosts: [HOST] })).rules).toHaveLength(1);
});

test.each([
  [[{ ...HOST, name: '*.bank.example' }], 'ip.hosts[0].name: "*.bank.example" has a wildcard'],
  [[{ ...HOST, name: 'b\u00fccher.example' }], 'ip.hosts[0].name: "b\u00fccher.example" has letters outside ASCII'],
  [
    [HOST, { ...HOST, name: 'API.bank.example.', ports: ['20444 TCP 443'] }],
    'ip.hosts[1].name: "API.bank.example." is the name of ip.hosts[0].name already',
  ],
  [[{ ...HOST, ports: [] }], 'ip.hosts[0].ports: [] is empty'],
  [[{ ...HOST, ports: ['443'] }], 'ip.hosts[0].ports[0]: "443" is not two ports with a protocol between them'],
  [[{ ...HOST, ports: ['20443 tcp 443'] }], 'ip.hosts[0].ports[0]: "20443 tcp 443" is not two ports'],
  [[{ ...HOST, ports: ['20443 TCP 65536'] }], 'ip.hosts[0].ports[0]: "20443 TCP 65536" is not two ports'],
  [
    [{ ...HOST, ports: ['8443 TCP 443'] }],
    'ip.hosts[0].ports[0]: "8443 TCP 443" redirects TCP port 8443 as ip.destinations[0] does already',
  ],
  [[{ ...HOST, addresses: undefined }], 'ip.hosts[0].addresses: (nothing) is missing'],
  [[{ ...HOST, addresses: [] }], 'ip.hosts[0].addresses: [] is empty'],
  [
    [{ ...HOST, addresses: ['203.0.113.26', '203.0.113.27'] }],
    'ip.hosts[0].addresses[1]: "203.0.113.27" is a second IPv4 address beside ip.hosts[0].addresses[0]',
  ],
  [
    [{ ...HOST, addresses: ['2001:db8::26'] }],
    'ip.hosts[0].addresses[0]: "2001:db8::26" leads to 2001:db8::26, and no IPv6 address is reserved',
  ],
  [[{ ...HOST, port: 443 }], 'ip.hosts[0].port: 443 is an unknown key (did you mean "ports"?)'],
  [{}, 'ip.hosts: {} is not a list'],
])('hosts %j: %s', (hosts, text) => {
  const found = refusals(withIp({ hosts })).map(issueText);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(text);
});

const RESOLVED = { name: 'api.bank.example', ports: ['20443 TCP 443'] };
const RESOLVER = { servers: ['192.168.12.53'], source: 'reserved', clusterCidrs: ['10.96.0.0/12', '10.244.0.0/16'] };

/** A router whose process resolves names. */
const withResolver = (ip: object, changes: object = {}) => ({
  ...withIp({ destinations: [], hosts: [RESOLVED], resolver: RESOLVER, ...ip }),
  liveRules: true,
  ...changes,
});

test('a host without addresses stands for no rule, and is written back with its networks and its resolver', () => {
  const hosts = [{ ...RESOLVED, allowedCidrs: ['198.51.100.0/24'] }];
  const config = decodeNetworkConfig(withResolver({ hosts }));
  expect(config.rules).toEqual([]);
  expect(config.hosts).toMatchObject([{ addresses: [], allowedCidrs: [{ text: '198.51.100.0/24' }] }]);
  expect(config.resolver).toMatchObject({ source: 'reserved', unresolvedIsUnready: false });
  expect(encodeNetworkConfig(config).ip).toMatchObject({ hosts, resolver: RESOLVER });
});

test("without servers, the node's are asked from the pod's own address", () => {
  const { resolver } = decodeNetworkConfig(withResolver({ resolver: { clusterCidrs: ['10.96.0.0/12'] } }));
  expect(resolver).toMatchObject({ source: 'pod' });
  expect(resolver).not.toHaveProperty('servers');
});

test.each([
  [withResolver({}, { liveRules: false }), "is for the pod's process, which puts addresses in force with liveRules"],
  [
    withResolver({ hosts: [{ ...RESOLVED, addresses: ['203.0.113.26'], allowedCidrs: ['203.0.113.0/24'] }] }),
    'ip.hosts[0].allowedCidrs: ["203.0.113.0/24"] is for a host whose addresses DNS says',
  ],
  [
    withIp({ hosts: [{ ...HOST, allowedCidrs: ['203.0.113.0/24'] }] }),
    'ip.hosts[0].allowedCidrs: ["203.0.113.0/24"] is for a host whose addresses DNS says',
  ],
  [withResolver({ hosts: [{ ...RESOLVED, addresses: [] }] }), 'ip.hosts[0].addresses: [] is empty'],
  [withResolver({ hosts: [{ ...RESOLVED, allowedCidrs: [] }] }), 'ip.hosts[0].allowedCidrs: [] is empty'],
  [
    withResolver({ hosts: [{ ...RESOLVED, allowedCidrs: ['198.51.100.7/24'] }] }),
    'ip.hosts[0].allowedCidrs[0]: "198.51.100.7/24" is an address within its network, whose own address is 198.51.100.0',
  ],
  [
    withResolver({ hosts: [{ ...RESOLVED, allowedCidrs: ['2001:db8::/32'] }] }),
    'ip.hosts[0].allowedCidrs[0]: "2001:db8::/32" is an IPv6 network, and no IPv6 address is reserved',
  ],
  [
    withResolver({ hosts: [{ ...RESOLVED, allowedCidrs: ['10.97.0.0/16'] }] }),
    'ip.hosts[0].allowedCidrs[0]: "10.97.0.0/16" is in 10.96.0.0/12, a network of the cluster',
  ],
  [
    withResolver({ hosts: [RESOLVED, { name: 'db.bank.example', ports: ['20443 TCP 5432'] }] }),
    'ip.hosts[1].ports[0]: "20443 TCP 5432" redirects TCP port 20443 as ip.hosts[0].ports[0] does already',
  ],
  [
    withResolver({ destinations: ['20443 TCP 203.0.113.26'] }),
    'ip.hosts[0].ports[0]: "20443 TCP 443" redirects TCP port 20443 as ip.destinations[0] does already',
  ],
  [
    withResolver({ hosts: [{ ...RESOLVED, ports: ['9180 TCP 443'] }] }, { healthPort: 9180 }),
    'ip.hosts[0].ports[0]: "9180 TCP 443" takes the health port',
  ],
])('%#: a host without addresses: %j: %s', (given, text) => {
  const found = refusals(given).map(issueText);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(text);
});

test.each([
  [{ servers: [] }, 'ip.resolver.servers: [] is empty'],
  [{ servers: undefined }, 'ip.resolver.servers: (nothing) is missing, and the node'],
  [{ servers: ['dns.example'] }, 'ip.resolver.servers[0]: "dns.example" is not an IP address but a host name'],
  [{ servers: ['127.0.0.53'] }, 'ip.resolver.servers[0]: "127.0.0.53" is a loopback address'],
  [{ servers: ['169.254.20.10'] }, 'ip.resolver.servers[0]: "169.254.20.10" is a link-local address'],
  [
    { servers: ['10.96.0.10'] },
    'ip.resolver.servers[0]: "10.96.0.10" is in 10.96.0.0/12, a network of the cluster, whose DNS may lead',
  ],
  [{ servers: ['192.168.12.99'] }, 'ip.resolver.servers[0]: "192.168.12.99" is the reserved address itself'],
  [{ servers: ['192.168.12.255'] }, 'ip.resolver.servers[0]: "192.168.12.255" is the broadcast address'],
  [
    { servers: ['2001:db8::53'] },
    'ip.resolver.servers[0]: "2001:db8::53" is an IPv6 address, and no IPv6 address is reserved to ask from',
  ],
  [
    { servers: ['192.168.12.53', '192.168.12.53'] },
    'ip.resolver.servers[1]: "192.168.12.53" is ip.resolver.servers[0] already',
  ],
  [
    { servers: Array.from({ length: 9 }, (_, index) => `192.168.12.${index + 1}`) },
    'has 9 servers, which are asked one after the other; accepted: at most 8',
  ],
  [{ source: 'eth0' }, 'ip.resolver.source: "eth0" is not known; accepted: pod, reserved'],
  [{ clusterCidrs: undefined }, 'ip.resolver.clusterCidrs: (nothing) is missing'],
  [{ clusterCidrs: [] }, 'ip.resolver.clusterCidrs: [] is empty'],
  [{ clusterCidrs: ['10.96.0.10'] }, 'ip.resolver.clusterCidrs[0]: "10.96.0.10" has no prefix length'],
  [{ unresolvedIsUnready: 'yes' }, 'ip.resolver.unresolvedIsUnready: "yes" is not a boolean'],
  [{ server: '192.168.12.53' }, 'ip.resolver.server: "192.168.12.53" is an unknown key (did you mean "servers"?)'],
])('a resolver with %j: %s', (changes, text) => {
  const found = refusals(withResolver({ resolver: { ...RESOLVER, ...changes } })).map(issueText);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(text);
});

test('a server behind a gateway is asked from the reserved address, and without one it is refused', () => {
  const resolver = { ...RESOLVER, servers: ['198.51.100.53'] };
  expect(decodeNetworkConfig(withResolver({ resolver })).resolver?.servers).toHaveLength(1);
  const found = refusals(withResolver({ resolver, gateway: undefined })).map(issueText);
  expect(found).toEqual([
    expect.stringContaining('is outside the subnet of 192.168.12.99/24, and there is no gateway'),
  ]);
  const ofPod = { ...resolver, source: 'pod' };
  expect(decodeNetworkConfig(withResolver({ resolver: ofPod, gateway: undefined })).resolver?.source).toBe('pod');
});
