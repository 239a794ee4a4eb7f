import { type CustomResourceOptions, EgressRouter, EgressRouterCluster, Link, RouterMode } from '../../src';
import { errorsFrom, RESOURCE, STANDALONE, withSpec } from '../support/custom-resource';
import { newChart, synthErrors } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

const ADDRESS = RESOURCE.spec.addresses[0]!;
const [RULE] = RESOURCE.spec.redirect.redirectRules;
const withAddress = (changes: object) => ({ addresses: [{ ...ADDRESS, ...changes }] });
const withRedirect = (changes: object) => ({ redirect: { ...RESOURCE.spec.redirect, ...changes } });
const withRule = (changes: object) => withRedirect({ redirectRules: [{ ...RULE, ...changes }] });
const withMacvlan = (macvlan: unknown) => ({ networkInterface: { macvlan } });

/** A wrong value of each field: the spec, the field's path, the value, the problem, and what is accepted. */
const WRONG_FIELDS: [spec: object, path: string, value: string, problem: string, accepted: string][] = [
  [{ mode: 'HTTPProxy' }, 'spec.mode', '"HTTPProxy"', 'is the HTTP-proxy mode', 'Redirect'],
  [{ mode: 7 }, 'spec.mode', '7', 'is not known', 'Redirect'],
  [
    { hostNetwork: true },
    'spec.hostNetwork',
    'true',
    'is an unknown key',
    'mode, networkInterface, addresses, redirect',
  ],
  [{ addresses: 'x' }, 'spec.addresses', '"x"', 'is not a list', 'a list of one { ip, gateway }'],
  [{ addresses: [] }, 'spec.addresses', '[]', 'is empty', 'a list of one { ip, gateway }'],
  [{ addresses: ['x'] }, 'spec.addresses[0]', '"x"', 'is not an object', 'an object'],
  [withAddress({ vlan: 7 }), 'spec.addresses[0].vlan', '7', 'is an unknown key', 'ip, gateway'],
  [withAddress({ ip: '10.0.0.1' }), 'spec.addresses[0].ip', '"10.0.0.1"', 'has no prefix length', 'a host address'],
  [
    { addresses: [ADDRESS, { ip: '192.168.12.98/24', gateway: '192.168.12.1' }] },
    'spec.addresses[1].ip',
    '"192.168.12.98/24"',
    'is a second IPv4 address beside spec.addresses[0].ip',
    'at most one address',
  ],
  [
    withAddress({ gateway: '10.0.0.1' }),
    'spec.addresses[0].gateway',
    '"10.0.0.1"',
    'is outside the subnet',
    'an IPv4 address in the subnet',
  ],
  [{ redirect: 'x' }, 'spec.redirect', '"x"', 'is not an object', 'an object'],
  [withRedirect({ extra: 1 }), 'spec.redirect.extra', '1', 'is an unknown key', 'redirectRules, fallbackIP'],
  [
    withRedirect({ redirectRules: 'y' }),
    'spec.redirect.redirectRules',
    '"y"',
    'is not a list',
    'a list of { port, protocol, destinationIP, targetPort }',
  ],
  [withRedirect({ redirectRules: [7] }), 'spec.redirect.redirectRules[0]', '7', 'is not an object', 'an object'],
  [
    withRule({ weight: 1 }),
    'spec.redirect.redirectRules[0].weight',
    '1',
    'is an unknown key',
    'port, protocol, destinationIP, targetPort',
  ],
  [
    withRule({ destinationIP: undefined, destinationIp: '203.0.113.25' }),
    'spec.redirect.redirectRules[0].destinationIp',
    '"203.0.113.25"',
    'is an unknown key (did you mean "destinationIP"?)',
    'port, protocol, destinationIP, targetPort',
  ],
  [
    withRule({ destinationIP: 'db' }),
    'spec.redirect.redirectRules[0].destinationIP',
    '"db"',
    'is not an IP address',
    'an IPv4 or IPv6 address',
  ],
  [
    withRule({ destinationIP: undefined }),
    'spec.redirect.redirectRules[0].destinationIP',
    '(nothing)',
    'is missing',
    'an IPv4 or IPv6 address',
  ],
  [withRule({ port: 0 }), 'spec.redirect.redirectRules[0].port', '0', 'is out of range', 'a port number'],
  [
    withRule({ protocol: 'ICMP' }),
    'spec.redirect.redirectRules[0].protocol',
    '"ICMP"',
    'is not known',
    'TCP, UDP, SCTP',
  ],
  [
    withRule({ targetPort: 'x' }),
    'spec.redirect.redirectRules[0].targetPort',
    '"x"',
    'is not a number',
    'a port number',
  ],
  [
    withRedirect({ redirectRules: [RULE, RULE] }),
    'spec.redirect.redirectRules[1]',
    '{"port":80',
    'redirects UDP port 80 as spec.redirect.redirectRules[0] does already',
    'one rule for a protocol and port',
  ],
  [withRedirect({ fallbackIP: 7 }), 'spec.redirect.fallbackIP', '7', 'is not a string', 'an IPv4 or IPv6 address'],
  [{ networkInterface: 'eth1' }, 'spec.networkInterface', '"eth1"', 'is not an object', 'an object'],
  [{ networkInterface: { ipvlan: {} } }, 'spec.networkInterface.ipvlan', '{}', 'is an unknown key', 'macvlan'],
  [withMacvlan('eth1'), 'spec.networkInterface.macvlan', '"eth1"', 'is not an object', 'an object'],
  [withMacvlan({ mtu: 1400 }), 'spec.networkInterface.macvlan.mtu', '1400', 'is an unknown key', 'mode, master'],
  [
    withMacvlan({ mode: 'Source' }),
    'spec.networkInterface.macvlan.mode',
    '"Source"',
    'is not known',
    'bridge, private',
  ],
  [withMacvlan({ master: 'a/b' }), 'spec.networkInterface.macvlan.master', '"a/b"', 'is not', 'interface'],
];

describe.each<[string, CustomResourceOptions]>([
  ['operator mode', {}],
  ['standalone mode', STANDALONE],
])('in %s an issue has the path of the field of the resource, its value and what is accepted:', (name, options) => {
  test.each(WRONG_FIELDS.map(([spec, ...rest]) => [...rest, spec] as const))(
    '%s: %s %s',
    (path, value, problem, accepted, changes) => {
      const errors = errorsFrom(withSpec(changes), options);
      const own = errors.filter((error) => error.startsWith(`[prod/db] ${path}: ${value}`) && error.includes(problem));
      expect(own).toHaveLength(1);
      expect(own[0]!.slice(own[0]!.indexOf('; accepted: '))).toContain(accepted);
      // Operator mode may have more to say of the same field; but nothing by the names of props.
      if (name === 'standalone mode') expect(errors).toEqual(own);
      for (const error of errors) expect(error).toMatch(/^\[prod\/db\] spec\./);
    },
  );

  test('what is missing too', () => {
    const errors = errorsFrom({ ...RESOURCE, spec: {} }, options);
    expect(errors.map((error) => error.split(' ')[1])).toEqual(['spec.addresses:', 'spec.redirect.redirectRules:']);
    expect(errorsFrom(withSpec({ mode: undefined }), options)).toEqual([]);
  });
});

test('every field of the schema has a wrong value above', () => {
  const fields = [
    ...['mode', 'addresses', 'networkInterface', 'redirect'],
    ...['addresses[0].ip', 'addresses[0].gateway', 'redirect.redirectRules', 'redirect.fallbackIP'],
    ...['port', 'protocol', 'destinationIP', 'targetPort'].map((key) => `redirect.redirectRules[0].${key}`),
    ...['macvlan', 'macvlan.mode', 'macvlan.master'].map((key) => `networkInterface.${key}`),
  ];
  const known = WRONG_FIELDS.map(([, path]) => path);
  expect(fields.filter((field) => !known.includes(`spec.${field}`))).toEqual([]);
});

describe('by the path of the field of the resource', () => {
  test('conflicts with other routers', () => {
    const chart = newChart();
    for (const id of ['one', 'two']) {
      EgressRouter.fromCustomResource(chart, id, { ...RESOURCE, metadata: { name: id } }, STANDALONE);
    }
    expect(synthErrors(chart)).toEqual([
      expect.stringContaining('[prod/two] spec.addresses[0].ip: "192.168.12.99/24" is also reserved by [prod/one]'),
    ]);
  });

  test('networks of the cluster', () => {
    const cluster = new EgressRouterCluster('prod', { ...STANDALONE, podCidrs: ['203.0.113.0/24'] });
    expect(errorsFrom(withSpec(withRule({})), { cluster })).toEqual([
      expect.stringContaining('spec.redirect.redirectRules[0].destinationIP: "203.0.113.25" is in 203.0.113.0/24'),
    ]);
  });

  test('warnings', () => {
    const chart = newChart();
    const resource = withSpec(withRedirect({ fallbackIP: '203.0.113.99' }));
    const { warnings } = EgressRouter.fromCustomResource(chart, 'db', resource);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^spec\.redirect\.fallbackIP: the operator's plugin does not/),
    );
  });

  test('warnings between routers', () => {
    const chart = newChart();
    EgressRouter.fromCustomResource(chart, 'one', { ...RESOURCE, metadata: { name: 'one' } }, STANDALONE);
    const { redirect } = withRule({ destinationIP: '192.168.12.99' });
    const spec = { ...RESOURCE.spec, redirect, addresses: [{ ...ADDRESS, ip: '192.168.12.98/24' }] };
    EgressRouter.fromCustomResource(chart, 'two', { ...RESOURCE, metadata: { name: 'two' }, spec }, STANDALONE);
    expect(EgressRouter.warningsOf(chart)).toEqual([
      expect.stringContaining('[prod/two] spec.redirect.redirectRules[0] leads to 192.168.12.99'),
    ]);
  });

  test('what a member of the link of the options replaces is named by the option', () => {
    const mode = RouterMode.standalone({ image: 'router:1', link: Link.macvlan({ parentInterface: 'c/d' }) });
    expect(errorsFrom(withSpec(withMacvlan({ mode: 'Source', master: 'a/b' })), { mode })).toEqual([
      expect.stringContaining('[prod/db] spec.networkInterface.macvlan.mode: "Source"'),
      expect.stringContaining('[prod/db] mode.link.parentInterface: "c/d"'),
    ]);
  });

  test('a parent interface that passthru mode needs and nothing names', () => {
    expect(errorsFrom(withSpec(withMacvlan({ mode: 'Passthru' })), STANDALONE)).toEqual([
      expect.stringContaining('[prod/db] spec.networkInterface.macvlan.master: (nothing) must be named'),
      expect.stringContaining('[prod/db] mode.link.macAddress: (nothing) must be given'),
    ]);
  });
});

test.each<[string, object, string]>([
  ['a mode', { mode: 'standalone' }, 'mode: "standalone" is not a RouterMode'],
  ['a cluster', { cluster: 'prod' }, 'cluster: "prod" is not a cluster'],
  ['a network', { network: 'lan' }, 'network: "lan" is not a network'],
  ['another mode', { mode: { kind: 'standalone' } }, 'mode: {"kind":"standalone"} is not a RouterMode'],
  ['a link', { mode: RouterMode.standalone({ image: 'router:1', link: {} as Link }) }, 'mode.link: {} is not a Link'],
  ['an option', { modus: 1 }, 'options.modus: 1 is an unknown key; accepted: cluster, network, mode, service'],
  ['a field of the resource', { addresses: [] }, 'options.addresses: [] is an unknown key; accepted: cluster, network'],
  ['a text', 'x' as unknown as object, 'options: "x" is not an object'],
])('%s in the place of the options is an issue, not an exception', (_what, options, begins) => {
  expect(errorsFrom(RESOURCE, options)).toEqual([expect.stringContaining(`[prod/db] ${begins}`)]);
});

test.each<[string, unknown, string]>([
  ['another kind', { ...RESOURCE, kind: 'EgressIP' }, '[prod/db] kind: "EgressIP" is not known'],
  ['another version', { ...RESOURCE, apiVersion: 'v1' }, '[prod/db] apiVersion: "v1" is not known'],
  ['no metadata', { ...RESOURCE, metadata: undefined }, '[prod/db] metadata: (nothing) is missing'],
  ['no spec', { ...RESOURCE, spec: [] }, '[prod/db] spec: [] is not an object'],
  ['the text of a file', 'kind: EgressRouter', 'customResource: "kind: EgressRouter" is not an object'],
  ['nothing', undefined, '[prod/db] customResource: (nothing) is missing'],
])('%s is not imported', (_what, resource, message) => {
  expect(() => EgressRouter.fromCustomResource(newChart(), 'db', resource as object)).toThrow(message);
});
