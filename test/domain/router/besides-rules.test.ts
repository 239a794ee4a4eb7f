import { issueText } from '../../../src/domain/input/issue';
import { changesBesidesRules } from '../../../src/domain/router/besides-rules';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const IP = { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['443 TCP 203.0.113.26'] };
const BASE = { name: 'partners', type: 'egress-router', interfaceArgs: { master: 'lan0' }, healthPort: 9180 };

function changes(more: object, ip: object = {}) {
  const made = decodeNetworkConfig({ ...BASE, ip: IP });
  return changesBesidesRules(made, decodeNetworkConfig({ ...BASE, ...more, ip: { ...IP, ...ip } }));
}

test('rules and fallbacks may be others', () => {
  const ip = { destinations: ['53 UDP 203.0.113.53', '443 TCP 203.0.113.27'], fallbackIP: '203.0.113.99' };
  expect(changes({}, ip)).toEqual([]);
});

test.each<[string, object, object, string[]]>([
  ['the address, and the MAC with it', {}, { addresses: ['192.168.12.98/24'] }, ['mac', 'ip.addresses']],
  ['the gateway', {}, { gateway: '192.168.12.2' }, ['ip.gateway']],
  ['the MAC', { mac: '02:00:00:00:00:07' }, {}, ['mac']],
  ['the parent', { interfaceArgs: { master: 'lan1' } }, {}, ['interfaceArgs.master']],
  ['the mode', { interfaceArgs: { master: 'lan0', mode: 'private' } }, {}, ['interfaceArgs.mode']],
  ['the counters', { counters: true }, {}, ['counters']],
  ['the health port', { healthPort: 9181 }, {}, ['healthPort']],
  ['the name', { name: 'others' }, {}, ['name']],
])('%s needs a restart of the pod', (_, more, ip, paths) => {
  const issues = changes(more, ip);
  expect(issues.map(({ path }) => path)).toEqual(paths);
});

test('an issue has the old value, the new value and what is accepted', () => {
  expect(changes({ counters: true }).map(issueText)).toEqual([
    'counters: true is not what this pod was made with (nothing); accepted: the same; another value needs a restart of the pod',
  ]);
  expect(changes({}, { gateway: '192.168.12.2' }).map(issueText)).toEqual([
    'ip.gateway: "192.168.12.2" is not what this pod was made with ("192.168.12.1"); accepted: the same; another value needs a restart of the pod',
  ]);
});
