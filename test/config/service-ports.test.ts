import { readRouter, router } from '../support/router';

const ONLY_FALLBACK = { redirectRules: [], fallbackIp: '203.0.113.27' };

test.each([
  ['the port of a rule', { port: 8443 }],
  [
    'another port that leads to a rule',
    { port: 443, targetPort: 8443, protocol: 'TCP', name: 'https', nodePort: 30443 },
  ],
  ['the health port', { port: 9180 }],
  ['another port that leads to the health port', { port: 80, targetPort: 9180 }],
])('a Service may have %s', (_, port) => {
  router({ service: { ports: [port] } });
});

test('with a fallback every port of every protocol leads somewhere', () => {
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
  expect(readRouter({ service: { ports: [{ port: 8443 }, port] } }).issues).toEqual([
    {
      path: 'service.ports[1]',
      value: port,
      problem: `leads to ${where} of the router, where no rule listens`,
      accepted: 'a port of a redirect rule, or a fallbackIp that takes every port',
    },
  ]);
});

test('the health port of a Service follows the option', () => {
  router({ healthPort: 9999, service: { ports: [{ port: 9999 }] } });
  expect(readRouter({ healthPort: 9999, service: { ports: [{ port: 9180 }] } }).issues).toHaveLength(1);
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
  ['an unknown key', [{ port: 8443, targetport: 1 }], 'service.ports[0].targetport', 1, 'targetPort'],
])('%s is refused', (_, ports, path, value, accepted) => {
  expect(readRouter({ service: { ports } }).issues).toContainEqual({
    path,
    value,
    problem: expect.any(String),
    accepted: expect.stringContaining(accepted),
  });
});
