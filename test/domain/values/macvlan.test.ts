import { DEFAULT_MACVLAN, MACVLAN_MODES, readMacvlan } from '../../../src/domain/values/macvlan';
import { acceptAll, read } from '../../support/accept';
import { readRouter } from '../../support/router';

test('an empty object is a bridge on the interface of the default route', () => {
  expect(read(readMacvlan, {})).toEqual({ value: { mode: 'bridge' }, issues: [] });
  expect(DEFAULT_MACVLAN).toEqual({ mode: 'bridge' });
});

test('every mode is accepted, as the custom resource and as the plugin spell it', () => {
  expect(MACVLAN_MODES).toEqual(['bridge', 'private', 'vepa', 'passthru']);
  for (const mode of ['Bridge', 'Private', 'VEPA', 'Passthru', ...MACVLAN_MODES]) {
    expect(read(readMacvlan, { mode })).toEqual({ value: { mode: mode.toLowerCase() }, issues: [] });
  }
});

test('numbers as text and empty texts mean what the reference implementation takes them for', () => {
  expect(read(readMacvlan, { mode: '', master: '', mtu: '' })).toStrictEqual({ value: { mode: 'bridge' }, issues: [] });
  expect(read(readMacvlan, { mode: 'private', master: 'bond0.12', mtu: '1400' })).toStrictEqual({
    value: { mode: 'private', master: 'bond0.12', mtu: 1400 },
    issues: [],
  });
});

test('an MTU is an integer from 68 to 65535', () => {
  acceptAll(
    readMacvlan,
    [68, 1280, 1500, 9000, 65535, '68', '1500', '65535'].map((mtu) => ({ mtu })),
  );
  const refused = [
    67,
    0,
    -1500,
    65536,
    1500.5,
    Number.NaN,
    true,
    [1500],
    '67',
    '65536',
    '1e3',
    '0x5dc',
    '01500',
    '1500 ',
  ];
  for (const mtu of refused) {
    expect(read(readMacvlan, { mtu }).issues).toMatchObject([
      { path: 'it.mtu', value: mtu, accepted: expect.stringContaining('from 68 to 65535') },
    ]);
  }
});

test('each wrong member has an issue of its own', () => {
  const { issues } = read(readMacvlan, { mode: 'l2', master: 'a/b', mtu: 'big', Master: 'eth0' });
  expect(issues).toMatchObject([
    { path: 'it.Master', value: 'eth0', problem: expect.stringContaining('did you mean "master"?') },
    { path: 'it.mode', value: 'l2', accepted: 'bridge, private, vepa, passthru' },
    { path: 'it.master', value: 'a/b', accepted: expect.stringContaining('1 to 127 bytes') },
    { path: 'it.mtu', value: 'big', accepted: expect.stringContaining('an MTU in bytes') },
  ]);
});

test.each([[[]], ['bridge'], [7], [true]])('%p is not a description of an interface', (value) => {
  expect(read(readMacvlan, value)).toMatchObject({
    value: undefined,
    issues: [{ path: 'it', value, accepted: 'an object' }],
  });
});

test.each(['x'.repeat(128), 'a/b', '.', 'eth0:1', 'a b'])('a parent interface %s is refused', (master) => {
  expect(read(readMacvlan, { master }).issues).toMatchObject([{ path: 'it.master', value: master }]);
});

test('IPv6 needs an MTU of 1280, IPv4 does not', () => {
  const smallest = (addresses: object[], redirectRules: object[]) =>
    readRouter({ addresses, redirectRules, mode: { kind: 'standalone', link: { mtu: 1279 } } }).issues;
  const [v4, v6] = [
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8::99/64', gateway: 'fe80::1' },
  ];
  const rule = { port: 443, protocol: 'TCP', destinationIp: '203.0.113.26' };
  expect(smallest([v4], [rule])).toEqual([]);
  expect(smallest([v4, v6], [rule])).toMatchObject([
    { path: 'mode.link.mtu', value: 1279, accepted: expect.stringContaining('from 1280') },
  ]);
});
