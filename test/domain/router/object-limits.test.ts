import { applyWarnings, MOST_SERVICE_PORTS, servicePortCount } from '../../../src/domain/router/object-limits';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import { parseIpAddress } from '../../../src/domain/values/ip-address';
import type { Protocol } from '../../../src/domain/values/protocol';
import { readRouter, router } from '../../support/router';

function rule(port: number, protocol: Protocol = 'TCP', to = '203.0.113.26'): RedirectRule {
  const destination = parseIpAddress(to);
  if (typeof destination === 'string') throw new Error(destination);
  return { port, protocol, destination, targetPort: port };
}

const rules = (count: number) => Array.from({ length: count }, (_, index) => rule(index + 1));

test('the ports of both families are one port of the Service, those of two protocols are two', () => {
  expect(servicePortCount([])).toBe(0);
  expect(servicePortCount([rule(80), rule(80, 'TCP', '2001:db8::1'), rule(80, 'UDP'), rule(81)])).toBe(3);
});

test('1,000 rules or more cause a warning that says how to apply them', () => {
  expect(applyWarnings(rules(999))).toEqual([]);
  expect(applyWarnings(rules(1_000))).toEqual([expect.stringMatching(/^redirectRules: 1000 rules; .*--server-side/)]);
});

test('a port with several protocols is a warning that names the port', () => {
  expect(applyWarnings([rule(80), rule(53), rule(53, 'UDP')])).toEqual([
    expect.stringMatching(/^redirectRules: port 53 .*--server-side/),
  ]);
  expect(applyWarnings([rule(80), rule(80, 'TCP', '2001:db8::1'), rule(53, 'UDP')])).toEqual([]);
});

test('a router has as many Service ports as the API server stores, and not one more', () => {
  const redirectRules = rules(MOST_SERVICE_PORTS + 2)
    .filter(({ port }) => port !== 9180)
    .map(({ port }) => ({ port, protocol: 'TCP', destinationIp: '203.0.113.26' }));
  expect(redirectRules).toHaveLength(MOST_SERVICE_PORTS + 1);
  router({ redirectRules: redirectRules.slice(1) });
  expect(readRouter({ redirectRules }).issues).toMatchObject([
    { path: 'redirectRules', value: 11_001, accepted: expect.stringContaining('at most 11000 ports') },
  ]);
  expect(
    readRouter({ redirectRules: redirectRules.slice(1), service: { ports: [{ port: 9180 }] } }).issues,
  ).toMatchObject([{ path: 'redirectRules', value: 11_001 }]);
});
