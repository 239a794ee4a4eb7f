import * as fc from 'fast-check';
import { Field } from '../../../src/domain/input/decoder';
import { type Issue, issueText } from '../../../src/domain/input/issue';
import { RouterModeKind, readRouterSpec } from '../../../src/domain/router/router-spec';
import { repetitions } from '../../support/repetitions';
import { ROUTER_PROPS, readRouter, router } from '../../support/router';

test('the smallest props make a complete router', () => {
  const { mode: _, ...props } = ROUTER_PROPS;
  const issues: Issue[] = [];
  const spec = readRouterSpec(Field.root(props, issues), { hasService: true });
  expect(issues).toEqual([]);
  expect(spec).toMatchObject({
    name: 'db',
    serviceName: 'db',
    mode: RouterModeKind.OPERATOR,
    addresses: [{ cidr: { text: '192.168.12.99/24' }, gateway: { text: '192.168.12.1' } }],
    rules: [{ protocol: 'TCP', port: 8443, targetPort: 443, destination: { text: '203.0.113.26' } }],
    macvlan: { mode: 'bridge' },
    pluginName: 'egress-router',
    operatorNames: false,
  });
  for (const key of ['namespace', 'platform', 'fallback', 'macAddress'] as const) expect(spec![key]).toBeUndefined();
});

test('everything that is given is in the router', () => {
  expect(
    router(
      {
        metadata: { name: 'db', namespace: 'egress' },
        service: { name: 'licence' },
        platform: 'vSphere',
        addresses: [...ROUTER_PROPS.addresses, { ip: '2001:db8:12::99/64', gateway: 'fe80::1' }],
        fallbackIp: '203.0.113.27',
      },
      {
        link: { mode: 'VEPA', parentInterface: 'eth1', mtu: 1400, macAddress: '02-00-5E-10-00-01' },
        pluginName: 'egress',
        healthPort: 9999,
        operatorNames: true,
      },
    ),
  ).toMatchObject({
    namespace: 'egress',
    serviceName: 'licence',
    mode: RouterModeKind.STANDALONE,
    platform: 'vSphere',
    addresses: [
      { cidr: { text: '192.168.12.99/24' } },
      { cidr: { text: '2001:db8:12::99/64' }, gateway: { text: 'fe80::1' } },
    ],
    fallback: { text: '203.0.113.27' },
    macvlan: { mode: 'vepa', master: 'eth1', mtu: 1400 },
    macAddress: '02:00:5e:10:00:01',
    pluginName: 'egress',
    options: { healthPort: 9999 },
    operatorNames: true,
  });
});

test('the MAC address of a standalone router follows from its address, and that of an operator router is unknown', () => {
  expect(router().macAddress).toBe('e2:65:c0:a8:0c:63');
  expect(router({}, { kind: 'operator' }).macAddress).toBeUndefined();
});

/** An issue with these words in its texts. */
function issueLike(path: string, value: unknown, problem: string, accepted: string): Issue {
  return {
    path,
    value,
    problem: expect.stringContaining(problem),
    accepted: expect.stringContaining(accepted),
  };
}

// One line for each kind of bad input: what is given, and the path, the problem and what is accepted instead.
test.each<[Record<string, unknown>, string, unknown, string, string]>([
  [{ metadata: {} }, 'metadata.name', undefined, 'is missing', 'a DNS-1035 label'],
  [{ metadata: { name: 'DB' } }, 'metadata.name', 'DB', 'is not such a name', 'a DNS-1035 label'],
  [{ metadata: { name: '1db' } }, 'metadata.name', '1db', 'is not such a name', 'beginning with a letter'],
  [{ metadata: { name: 'a'.repeat(64) } }, 'metadata.name', 'a'.repeat(64), 'has 64 characters', 'at most 63'],
  [{ metadata: { name: 'db', namespace: 'a.b' } }, 'metadata.namespace', 'a.b', 'is not such a name', 'DNS-1123'],
  [{ service: { name: '-' } }, 'service.name', '-', 'is not such a name', 'a DNS-1035 label'],
  [{ service: 'db' }, 'service', 'db', 'is not an object', 'an object'],
  [{ service: { prts: [] } }, 'service.prts', [], 'did you mean "ports"?', 'name, type, ports, labels, annotations'],
  [{ service: { type: 'ExternalName' } }, 'service.type', 'ExternalName', 'is not known', 'ClusterIP, NodePort'],
  [{ platform: 'AWS' }, 'platform', 'AWS', 'cannot carry a second MAC address', 'BareMetal'],
  [{ platform: 'Azure' }, 'platform', 'Azure', 'cannot carry a second MAC address', 'BareMetal'],
  [{ platform: 'GCP' }, 'platform', 'GCP', 'cannot carry a second MAC address', 'BareMetal'],
  [{ addresses: undefined }, 'addresses', undefined, 'is missing', 'a list of one { ip, gateway }'],
  [{ addresses: [] }, 'addresses', [], 'is empty', 'a list of one { ip, gateway }'],
  [{ addresses: '10.0.0.1/8' }, 'addresses', '10.0.0.1/8', 'is not a list', 'a list of one { ip, gateway }'],
  [{ addresses: ['10.0.0.1/8'] }, 'addresses[0]', '10.0.0.1/8', 'is not an object', 'an object'],
  [{ addresses: [{ ip: '10.0.0.1' }] }, 'addresses[0].ip', '10.0.0.1', 'has no prefix length', '"192.168.12.99/24"'],
  [{ addresses: [{ ip: '10.0.1/8' }] }, 'addresses[0].ip', '10.0.1/8', 'is not an IP address', 'a host address'],
  [{ addresses: [{ ip: 'fe80::1%a/64' }] }, 'addresses[0].ip', 'fe80::1%a/64', 'carries a zone id', 'a host address'],
  [{ addresses: [{ ip: '10.0.0.0/8' }] }, 'addresses[0].ip', '10.0.0.0/8', 'is the network address', 'a host address'],
  [{ fallbackIp: '203.0.113.0/24' }, 'fallbackIp', '203.0.113.0/24', 'carries a prefix length', 'without prefix'],
  [
    { fallbackIp: 'db.example.com' },
    'fallbackIp',
    'db.example.com',
    'is not an IP address but a host name',
    'an IPv4 or IPv6 address',
  ],
  [{ redirectRules: {} }, 'redirectRules', {}, 'is not a list', 'a list of { port, protocol'],
])('%j is refused', (changes, path, value, problem, accepted) => {
  expect(readRouter(changes).issues[0]).toEqual(issueLike(path, value, problem, accepted));
});

test.each<[Record<string, unknown>, string, unknown, string, string]>([
  [{ kind: 'helm' }, 'kind', 'helm', 'is not known', 'operator, standalone'],
  [{ link: { macAddress: '01:00:5e:10:00:01' } }, 'link.macAddress', '01:00:5e:10:00:01', 'is a multicast', 'unicast'],
  [{ link: { macAddress: '00:00:00:00:00:00' } }, 'link.macAddress', '00:00:00:00:00:00', 'is zero', 'a unicast MAC'],
  [{ link: { parentInterface: 'a/b' } }, 'link.parentInterface', 'a/b', 'is not an interface name', '1 to 127 bytes'],
  [{ link: { master: 'eth1' } }, 'link.master', 'eth1', 'is an unknown key', 'parentInterface'],
  [{ link: 'eth1' }, 'link', 'eth1', 'is not an object', 'an object'],
  [{ pluginName: 'a/b' }, 'pluginName', 'a/b', 'is not the name of a plugin', 'the file name of a CNI plugin'],
  [{ healthPort: 80 }, 'healthPort', 80, 'is out of range', 'an unprivileged port number, an integer from 1024'],
  [{ operatorNames: 'yes' }, 'operatorNames', 'yes', 'is not a boolean', 'true or false'],
  [{ kind: 'operator', networkInterface: 'eth1' }, 'networkInterface', 'eth1', 'is not an object', 'an object'],
  [
    { kind: 'operator', networkInterface: { ipvlan: {} } },
    'networkInterface.ipvlan',
    {},
    'is an unknown key',
    'macvlan',
  ],
])('the mode %j is refused', (mode, path, value, problem, accepted) => {
  expect(readRouter({}, mode).issues).toEqual([issueLike(`mode.${path}`, value, problem, accepted)]);
});

test.each(['x'.repeat(128), 'a/b'])('a parent interface %s is refused at its path', (name) => {
  const accepted = expect.stringContaining('1 to 127 bytes');
  expect(readRouter({}, { link: { parentInterface: name } }).issues).toMatchObject([
    { path: 'mode.link.parentInterface', value: name, accepted },
  ]);
  const networkInterface = { macvlan: { master: name } };
  expect(readRouter({}, { kind: 'operator', networkInterface }).issues).toMatchObject([
    { path: 'mode.networkInterface.macvlan.master', value: name, accepted },
  ]);
});

test('a gateway is refused at its own path', () => {
  const gatewayOf = (ip: string, gateway: string) => readRouter({ addresses: [{ ip, gateway }] }).issues;
  for (const [gateway, problem] of [
    ['192.168.13.1', 'is outside the subnet'],
    ['192.168.12.99', 'is the reserved address itself'],
    ['fe80::1', 'is not an IPv4 address'],
  ] as const) {
    expect(gatewayOf('192.168.12.99/24', gateway)[0]).toMatchObject({
      path: 'addresses[0].gateway',
      value: gateway,
      problem: expect.stringContaining(problem),
    });
  }
});

test('two addresses of one family are refused, and both are named', () => {
  const addresses = [...ROUTER_PROPS.addresses, { ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  expect(readRouter({ addresses }).issues).toMatchObject([
    {
      path: 'addresses[1].ip',
      value: '192.168.12.98/24',
      problem: expect.stringContaining('is a second IPv4 address beside addresses[0].ip'),
    },
  ]);
});

test('a kind of mode that is not text is refused like any other', () => {
  for (const kind of [7, true, [], {}, { toString: 1 }]) {
    expect(readRouter({}, { kind }).issues).toMatchObject([{ path: 'mode.kind', value: kind }]);
  }
});

test('passthru needs a named parent and a given MAC address', () => {
  expect(readRouter({}, { link: { mode: 'Passthru' } }).issues).toMatchObject([
    { path: 'mode.link.parentInterface', value: undefined, accepted: expect.stringContaining('default route') },
    { path: 'mode.link.macAddress', value: undefined, accepted: 'a unicast MAC address' },
  ]);
  router({}, { link: { mode: 'Passthru', parentInterface: 'eth1', macAddress: '02:00:5e:10:00:01' } });
});

test('every mistake of a router is found in one pass', () => {
  const { issues } = readRouter(
    {
      metadata: { name: 'DB' },
      platform: 'AWS',
      addresses: [{ ip: '10.0.0.1', gatway: '10.0.0.2' }],
      redirectRules: [{ port: 0, protocol: 'TCP', destinationIp: '10.0.0.1' }],
    },
    { link: { mode: 'l2', macAddress: 'x' }, pluginName: 'a/b', operatorNames: 'yes' },
  );
  expect(issues.map(({ path }) => path).sort()).toEqual([
    'addresses[0].gatway',
    'addresses[0].ip',
    'metadata.name',
    'mode.link.macAddress',
    'mode.link.mode',
    'mode.operatorNames',
    'mode.pluginName',
    'platform',
    'redirectRules[0].port',
  ]);
});

test('the reader reports issues of any value of a prop, and never throws', () => {
  const keys = [...Object.keys(ROUTER_PROPS), 'platform', 'fallbackIp', 'service', '__proto__'];
  const modeKeys = ['kind', 'link', 'networkInterface', 'pluginName', 'operatorNames', 'healthPort', 'liveRules'];
  const changesOf = (names: string[]) => fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
  fc.assert(
    fc.property(changesOf(keys), changesOf([...modeKeys, '__proto__']), (changes, mode) => {
      const { spec, issues } = readRouter(changes, mode);
      if (spec === undefined) expect(issues.length).toBeGreaterThan(0);
      for (const issue of issues) expect(issueText(issue)).toMatch(/^\S.*: .+; accepted: ./su);
    }),
    { numRuns: repetitions(400, 2000) },
  );
});
