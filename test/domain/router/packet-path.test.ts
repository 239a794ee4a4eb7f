import { packetPaths } from '../../../src/domain/router/packet-path';
import { router } from '../../support/router';

const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const V6 = { ip: '2001:db8:12::99/64', gateway: 'fe80::1' };

test('each rule has a line, and any other port is refused', () => {
  const redirectRules = [
    { port: 80, protocol: 'UDP', destinationIp: '203.0.113.25' },
    { port: 8080, protocol: 'TCP', destinationIp: '203.0.113.26', targetPort: 80 },
  ];
  expect(packetPaths(router({ redirectRules }), 'db.egress.svc')).toEqual([
    'client → db.egress.svc:80/UDP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → gateway 192.168.12.1 → 203.0.113.25:80',
    'client → db.egress.svc:8080/TCP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → gateway 192.168.12.1 → 203.0.113.26:80',
    'client → db.egress.svc, any other port → refused',
  ]);
});

test('a fallback takes any other port', () => {
  expect(packetPaths(router({ fallbackIp: '203.0.113.27' }), 'db')[1]).toBe(
    'client → db, any other port → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → gateway 192.168.12.1 → 203.0.113.27',
  );
});

test('each family leaves by its own reserved address, and IPv6 stands in brackets before a port', () => {
  const redirectRules = [
    { port: 443, protocol: 'TCP', destinationIp: '2001:db8::26', targetPort: 8443 },
    { port: 443, protocol: 'TCP', destinationIp: '203.0.113.26' },
  ];
  expect(packetPaths(router({ addresses: [V4, V6], redirectRules }), 'db').slice(0, 2)).toEqual([
    'client → db:443/TCP → net1 2001:db8:12::99 (e2:65:c0:a8:0c:63) → gateway fe80::1 → [2001:db8::26]:8443',
    'client → db:443/TCP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → gateway 192.168.12.1 → 203.0.113.26:443',
  ]);
});

test('a destination without a gateway is on the link', () => {
  const addresses = [{ ip: '192.168.12.99/24' }];
  const redirectRules = [{ port: 1521, protocol: 'TCP', destinationIp: '192.168.12.50' }];
  expect(
    packetPaths(router({ addresses, redirectRules }, { link: { macAddress: '02-00-5E-10-00-01' } }), 'db')[0],
  ).toBe('client → db:1521/TCP → net1 192.168.12.99 (02:00:5e:10:00:01) → 192.168.12.50:1521');
});

test('a destination in the subnet is reached without the gateway', () => {
  const redirectRules = [{ port: 1521, protocol: 'TCP', destinationIp: '192.168.12.50' }];
  expect(packetPaths(router({ redirectRules }), 'db')[0]).not.toContain('gateway');
});

test('the MAC address of an operator router is not known', () => {
  expect(packetPaths(router({}, { kind: 'operator' }), 'db')[0]).toContain(
    'net1 192.168.12.99 (MAC drawn by the operator)',
  );
});

test('an operator router refuses what only a fallback would take, and says why', () => {
  const paths = packetPaths(router({ fallbackIp: '203.0.113.27' }, { kind: 'operator' }), 'db');
  expect(paths[1]).toBe(
    "client → db, any other port → refused, because the operator's plugin does not read fallbackIp",
  );
});
