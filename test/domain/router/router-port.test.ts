import { freeRouterPort, routerPort } from '../../../src/domain/router/router-port';

test('a port of a host has the same port of the router in every release', () => {
  expect(routerPort('api.bank.example', 'TCP', 443)).toBe(24_854);
  expect(routerPort('api.bank.example', 'UDP', 443)).toBe(12_623);
  expect(routerPort('db.partner.example', 'TCP', 5432)).toBe(15_991);
});

test('router ports are spread over 10,000 to 29,999', () => {
  const ports = Array.from({ length: 20_000 }, (_, index) => routerPort(`host-${index}.example`, 'TCP', 443));
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(10_000);
  expect(Math.max(...ports)).toBeLessThanOrEqual(29_999);
  // Of 20,000 balls in 20,000 bins 36.8 % of the bins stay empty.
  const used = new Set(ports).size / 20_000;
  expect(used).toBeGreaterThan(0.61);
  expect(used).toBeLessThan(0.65);
});

test('a free port is the next one that is not taken, around the end of the range', () => {
  expect(freeRouterPort(20_443, () => false)).toBe(20_444);
  expect(freeRouterPort(29_998, (port) => port === 29_999)).toBe(10_000);
  expect(freeRouterPort(9180, (port) => port % 2 === 1)).toBeGreaterThanOrEqual(10_000);
  expect(freeRouterPort(10_000, () => true)).toBeUndefined();
});
