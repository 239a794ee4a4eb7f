import { Field } from '../../../src/domain/input/decoder';
import type { Issue } from '../../../src/domain/input/issue';
import { operatorWarnings, refuseBeyondOperator } from '../../../src/domain/router/operator-limits';
import { ROUTER_PROPS, router } from '../../support/router';

function beyond(changes: Record<string, unknown>, macvlan?: object): Issue[] {
  const issues: Issue[] = [];
  const mode = { kind: 'operator', networkInterface: { macvlan } };
  refuseBeyondOperator(Field.root({ ...ROUTER_PROPS, mode, ...changes }, issues));
  return issues;
}

test('options of the custom resource are accepted', () => {
  expect(beyond({})).toEqual([]);
  expect(
    beyond(
      { fallbackIp: '203.0.113.27', platform: 'BareMetal', service: { name: 'other' } },
      { mode: 'Private', master: 'eth1' },
    ),
  ).toEqual([]);
});

test('an MTU is not a field of the custom resource', () => {
  expect(beyond({}, { mtu: 1400 })).toMatchObject([
    { path: 'mode.networkInterface.macvlan.mtu', value: 1400, accepted: expect.stringContaining('standalone') },
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
  const paths = beyond(
    { redirectRules: [], fallbackIp: '203.0.113.27', addresses: [{ ip: 'fd00::1/64' }] },
    { mtu: 1400 },
  ).map(({ path }) => path);
  expect(paths).toEqual([
    'addresses[0].ip',
    'addresses[0].gateway',
    'redirectRules',
    'mode.networkInterface.macvlan.mtu',
  ]);
});

test('options that the operator ignores are warnings', () => {
  const operator = (changes: Record<string, unknown>, macvlan?: object) =>
    operatorWarnings(router(changes, { kind: 'operator', networkInterface: { macvlan } }));
  expect(operator({})).toEqual([]);
  expect(operator({}, { mode: 'Bridge' })).toEqual([]);
  expect(operator({ fallbackIp: '203.0.113.27' })).toEqual([expect.stringMatching(/^fallbackIp: .*does not read it/)]);
  for (const macvlan of [{ mode: 'private' }, { master: 'eth1' }]) {
    expect(operator({}, macvlan)).toEqual([
      expect.stringMatching(/^the parent interface and the mode of macvlan: .*not pass them on/),
    ]);
  }
  expect(operator({ fallbackIp: '10.0.0.1' }, { master: 'eth1' })).toHaveLength(2);
  expect(operator({ platform: 'OpenStack' })).toEqual([expect.stringMatching(/^platform: OpenStack drops packets/)]);
  expect(operator({ platform: 'vSphere' })).toEqual([]);
});

test('passthru mode is refused once, for what the operator does not pass on', () => {
  expect(beyond({}, { mode: 'Passthru' })).toMatchObject([
    { path: 'mode.networkInterface.macvlan.mode', value: 'Passthru' },
  ]);
});
