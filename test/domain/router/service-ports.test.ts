import { ROUTER_PROPS, readRouter, router } from '../../support/router';

const ONLY_FALLBACK = { redirectRules: [], fallbackIp: '203.0.113.27' };

test.each([
  ['the port of a rule', { port: 8443 }],
  ['another port that leads to a rule', { port: 443, targetPort: 8443, protocol: 'TCP', name: 'https' }],
  ['the health port', { port: 9180 }],
  ['another port that leads to the health port', { port: 80, targetPort: 9180 }],
])('a Service may have %s', (_, port) => {
  router({ service: { ports: [port] } });
});

test('a fallback gives every port of every protocol a destination', () => {
  router({
    fallbackIp: '203.0.113.27',
    service: {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 1, targetPort: 2 },
      ],
    },
  });
});

test.each([
  ['TCP port 443', { port: 443 }],
  ['UDP port 8443', { port: 8443, protocol: 'UDP' }],
  ['TCP port 80', { port: 8443, targetPort: 80 }],
  ['UDP port 9180', { port: 9180, protocol: 'UDP' }],
])('a port that leads to %s, where no rule listens, is refused', (where, port) => {
  expect(readRouter({ service: { ports: [{ port: 9180 }, port] } }).issues).toEqual([
    {
      path: 'service.ports[1]',
      value: port,
      problem: `leads to ${where} of the router, where no rule listens`,
      accepted: 'a port of a redirect rule, or a fallbackIp that takes every port',
    },
  ]);
});

test('a Service has each protocol and port once, and both entries are named', () => {
  const ports = [
    { port: 443, targetPort: 8443, name: 'a' },
    { port: 8443 },
    { port: 443, targetPort: 8443, protocol: 'TCP' },
  ];
  expect(readRouter({ service: { ports } }).issues).toEqual([
    {
      path: 'service.ports[2]',
      value: ports[2],
      problem: 'is TCP port 443 as service.ports[0] is already',
      accepted: 'one entry for a protocol and port',
    },
  ]);
});

test.each([
  [
    'two given names',
    [
      { port: 1, name: 'db' },
      { port: 2, name: 'db' },
    ],
    'service.ports[1]',
    '"db" as service.ports[0] is',
  ],
  [
    'a given name and a made one',
    [{ port: 1, name: 'tcp-2' }, { port: 2 }],
    'service.ports[1]',
    '"tcp-2" as service.ports[0] is',
  ],
  [
    'the name of a rule’s port',
    [{ port: 1, name: 'tcp-8443' }],
    'service.ports[0]',
    '"tcp-8443", which is the name of TCP port 8443',
  ],
])('the names of a Service’s ports differ: %s', (_, given, path, problem) => {
  const ports = given.map((port) => ({ ...port, targetPort: 8443 }));
  expect(readRouter({ service: { ports } }).issues).toMatchObject([
    { path, problem: expect.stringContaining(problem), accepted: 'a name that no other port of the Service has' },
  ]);
});

test('the name of a port that rules of both families share is taken once', () => {
  const addresses = [...ROUTER_PROPS.addresses, { ip: '2001:db8:12::99/64', gateway: 'fe80::1' }];
  const rule = { port: 80, protocol: 'TCP' };
  const redirectRules = [
    { ...rule, destinationIp: '10.0.0.1' },
    { ...rule, destinationIp: '2001:db8::1' },
  ];
  const service = { ports: [{ port: 443, targetPort: 80, name: 'tcp-80' }] };
  expect(readRouter({ addresses, redirectRules, service }).issues).toHaveLength(1);
});

test('the user’s own entry for the port of a rule may have any name', () => {
  router({ service: { ports: [{ port: 8443, name: 'https' }] } });
  router({ service: { ports: [{ port: 8443, name: 'tcp-8443' }] } });
});

test('the health port of a Service follows the option', () => {
  router({ service: { ports: [{ port: 9999 }] } }, { healthPort: 9999 });
  expect(readRouter({ service: { ports: [{ port: 9180 }] } }, { healthPort: 9999 }).issues).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['absent', undefined],
  ['empty', []],
])('a fallback alone needs Service ports: %s', (_, ports) => {
  expect(readRouter({ ...ONLY_FALLBACK, service: { ports } }).issues).toEqual([
    {
      path: 'service.ports',
      value: ports,
      problem:
        'leaves the Service without ports: fallbackIp alone redirects every port, and a Service has to name them',
      accepted: 'at least one port, such as { port: 443 }',
    },
  ]);
});

test('a fallback alone with a Service port is a router', () => {
  expect(router({ ...ONLY_FALLBACK, service: { ports: [{ port: 443 }] } }).fallback?.text).toBe('203.0.113.27');
});

test.each<[string, unknown, string, unknown, string]>([
  ['no list', { port: 80 }, 'service.ports', { port: 80 }, 'a list of Service ports'],
  ['a number', [80], 'service.ports[0]', 80, 'an object'],
  ['a port of 0', [{ port: 0 }], 'service.ports[0].port', 0, 'a port number'],
  ['a port that is text', [{ port: 'https' }], 'service.ports[0].port', 'https', 'a port number'],
  ['a target of 65536', [{ port: 8443, targetPort: 65536 }], 'service.ports[0].targetPort', 65536, 'a port number'],
  ['an unknown protocol', [{ port: 8443, protocol: 'QUIC' }], 'service.ports[0].protocol', 'QUIC', 'TCP, UDP, SCTP'],
  ['a name with capitals', [{ port: 8443, name: 'HTTPS' }], 'service.ports[0].name', 'HTTPS', 'a DNS-1123 label'],
  ['a negative node port', [{ port: 8443, nodePort: -1 }], 'service.ports[0].nodePort', -1, 'a port number'],
  ['an unknown key', [{ port: 8443, targetport: 1 }], 'service.ports[0].targetport', 1, 'targetPort'],
])('%s is refused', (_, ports, path, value, accepted) => {
  expect(readRouter({ service: { ports } }).issues).toContainEqual({
    path,
    value,
    problem: expect.any(String),
    accepted: expect.stringContaining(accepted),
  });
});
