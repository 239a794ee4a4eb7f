import { Field } from '../../../src/domain/input/decoder';
import type { Issue } from '../../../src/domain/input/issue';
import { operatorWarnings, refuseBeyondOperator } from '../../../src/domain/router/operator-limits';
import { ROUTER_PROPS, router } from '../../support/router';

const OPERATOR_PROPS = { ...ROUTER_PROPS, provisioning: 'operator' };

function beyond(changes: Record<string, unknown>): Issue[] {
  const issues: Issue[] = [];
  refuseBeyondOperator(Field.root({ ...OPERATOR_PROPS, ...changes }, issues));
  return issues;
}

test('what the custom resource can say is accepted', () => {
  expect(beyond({})).toEqual([]);
  expect(
    beyond({
      fallbackIp: '203.0.113.27',
      networkInterface: { macvlan: { mode: 'Private', master: 'eth1' } },
      platform: 'BareMetal',
      service: { name: 'other' },
      networkPolicy: {},
    }),
  ).toEqual([]);
});

test.each<[string, unknown]>([
  ['macAddress', '02:00:5e:10:00:01'],
  ['pluginName', 'egress'],
  ['image', 'registry.example.com/egress-router:1'],
  ['imagePullPolicy', 'Always'],
  ['dockerRegistryAuth', {}],
  ['resources', {}],
  ['scheduling', {}],
  ['failover', {}],
  ['healthPort', 9180],
  ['announcements', 3],
  ['detectConflicts', false],
  ['operatorNames', true],
])('%s has no place in the custom resource', (path, value) => {
  expect(beyond({ [path]: value })).toEqual([
    {
      path,
      value,
      problem: 'has no place in an EgressRouter resource',
      accepted: expect.stringContaining('provisioning "standalone"'),
    },
  ]);
});

test('an MTU has no place in the custom resource', () => {
  expect(beyond({ networkInterface: { macvlan: { mtu: 1400 } } })).toMatchObject([
    { path: 'networkInterface.macvlan.mtu', value: 1400, accepted: expect.stringContaining('standalone') },
  ]);
});

test('an IPv6 address, which the operator always fails to set up, is refused', () => {
  const ip = '2001:db8:12::99/64';
  expect(beyond({ addresses: [{ ip, gateway: 'fe80::1' }] })).toEqual([
    {
      path: 'addresses[0].ip',
      value: ip,
      problem: "is an IPv6 address, which the operator's plugin always fails to set up",
      accepted: expect.stringContaining('an IPv4 address'),
    },
  ]);
  expect(beyond({ addresses: [...ROUTER_PROPS.addresses, { ip, gateway: 'fe80::1' }] })).toMatchObject([
    { path: 'addresses[1].ip', problem: expect.stringContaining('IPv6') },
  ]);
});

test('the operator uses one address and needs its gateway', () => {
  const addresses = [{ ip: '192.168.12.99/24' }, { ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  expect(beyond({ addresses })).toMatchObject([
    { path: 'addresses[0].gateway', value: undefined, problem: expect.stringContaining('is missing') },
    { path: 'addresses[1].ip', value: '192.168.12.98/24', accepted: expect.stringContaining('one address') },
  ]);
});

test.each<[unknown]>([
  [undefined],
  [null],
  ['10.0.0.1/8'],
  [{}],
  [[]],
  [[null]],
  [[{ ip: 7 }]],
  [[{ ip: 'x' }]],
  [['10.0.0.1/8']],
])('addresses that are malformed, such as %j, are left to their reader', (addresses) => {
  expect(beyond({ addresses })).toEqual([]);
});

test('every excess is found at once', () => {
  const paths = beyond({ image: 'x', macAddress: 'y', addresses: [{ ip: 'fd00::1/64' }] }).map(({ path }) => path);
  expect(paths).toEqual(['addresses[0].ip', 'addresses[0].gateway', 'macAddress', 'image']);
});

test('what the operator ignores is a warning', () => {
  const operator = (changes: object) => operatorWarnings(router({ ...OPERATOR_PROPS, ...changes }));
  expect(operator({})).toEqual([]);
  expect(operator({ networkInterface: { macvlan: { mode: 'Bridge' } } })).toEqual([]);
  expect(operator({ fallbackIp: '203.0.113.27' })).toEqual([expect.stringMatching(/^fallbackIp: .*does not read it/)]);
  for (const macvlan of [{ mode: 'private' }, { master: 'eth1' }]) {
    expect(operator({ networkInterface: { macvlan } })).toEqual([
      expect.stringMatching(/^networkInterface: .*not pass it on/),
    ]);
  }
  expect(operator({ fallbackIp: '10.0.0.1', networkInterface: { macvlan: { master: 'eth1' } } })).toHaveLength(2);
});

test('passthru mode is refused once, for what the operator does not pass on', () => {
  const issues: Issue[] = [];
  refuseBeyondOperator(Field.root({ networkInterface: { macvlan: { mode: 'Passthru' } } }, issues));
  expect(issues).toMatchObject([{ path: 'networkInterface.macvlan.mode', value: 'Passthru' }]);
});
