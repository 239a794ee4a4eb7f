import type { Invocation } from '../../../cni/protocol/invocation';
import { type CniResult, encodeResult } from '../../../cni/protocol/result';
import { encodeVersions } from '../../../cni/protocol/spec-version';
import { CNI_VERSIONS } from '../../../src/domain/router/network-config';
import { call, refusal } from '../../support/call';

const NET1 = { name: 'net1', mac: '02:00:5e:10:00:01', sandbox: '/run/netns/blue' };
const RESULT: CniResult = {
  interfaces: [{ ...NET1, mtu: 1500 }],
  ips: [
    { address: '192.168.12.99/24', gateway: '192.168.12.1', interface: 0 },
    { address: '2001:db8::99/64', interface: 0 },
  ],
  routes: [
    { dst: '192.168.12.0/24', table: 100 },
    { dst: '0.0.0.0/0', gw: '192.168.12.1', table: 100 },
  ],
};

const before1 = {
  interfaces: [NET1],
  ips: [
    { version: '4', address: '192.168.12.99/24', gateway: '192.168.12.1', interface: 0 },
    { version: '6', address: '2001:db8::99/64', interface: 0 },
  ],
};
const WANTED = {
  '0.3.0': before1,
  '0.3.1': before1,
  '0.4.0': before1,
  '1.0.0': { interfaces: [NET1], ips: RESULT.ips },
  '1.1.0': RESULT,
};

test.each(CNI_VERSIONS)('the result in version %s', (cniVersion) => {
  expect(JSON.parse(encodeResult(cniVersion, RESULT))).toStrictEqual({ cniVersion, ...WANTED[cniVersion] });
});

/** From the specification's own example of a chain. */
const EARLIER = {
  cniVersion: '1.1.0',
  ips: [{ address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 2 }],
  routes: [{ dst: '0.0.0.0/0' }],
  interfaces: [
    { name: 'cni0', mac: '00:11:22:33:44:55' },
    { name: 'veth3243', mac: '55:44:33:22:11:11' },
    { name: 'eth0', mac: '99:88:77:66:55:44', sandbox: '/var/run/netns/blue' },
  ],
  dns: { nameservers: ['10.1.0.1'] },
};

test('results of a chain stay unchanged, before our interface', () => {
  const { previousResult } = call('ADD', { prevResult: EARLIER }) as Invocation;
  expect(JSON.parse(encodeResult('1.1.0', RESULT, previousResult))).toStrictEqual({
    ...EARLIER,
    interfaces: [...EARLIER.interfaces, ...RESULT.interfaces],
    ips: [...EARLIER.ips, ...RESULT.ips.map((ip) => ({ ...ip, interface: 3 }))],
    routes: [...EARLIER.routes, ...RESULT.routes],
  });
  expect(JSON.parse(encodeResult('1.0.0', RESULT, previousResult)).routes).toStrictEqual(EARLIER.routes);
});

test('a previous result may be empty', () => {
  const { previousResult } = call('ADD', { prevResult: {} }) as Invocation;
  expect(JSON.parse(encodeResult('1.1.0', RESULT, previousResult))).toStrictEqual({ cniVersion: '1.1.0', ...RESULT });
});

test.each([
  [7, 'prevResult: 7 is not an object'],
  [{ interfaces: {} }, 'prevResult.interfaces: {} is not a list; accepted: a list of objects'],
  [{ ips: ['10.0.0.1/8'] }, 'prevResult.ips[0]: "10.0.0.1/8" is not an object'],
])('a previous result that cannot be joined is refused before anything is done: %j', (prevResult, line) => {
  expect(refusal(() => call('ADD', { prevResult })).details).toContain(line);
});

test('the answer to VERSION', () => {
  expect(JSON.parse(encodeVersions('1.0.0'))).toEqual({ cniVersion: '1.0.0', supportedVersions: CNI_VERSIONS });
});

test('VERSION answers in the given version, also where it is not supported', () => {
  for (const cniVersion of ['1.0.0', '9.9.9']) expect(call('VERSION', { cniVersion })).toMatchObject({ cniVersion });
  for (const cniVersion of [undefined, 7, '', '1.1', '\u001b1.0.0'])
    expect(call('VERSION', { cniVersion })).toMatchObject({ cniVersion: '1.1.0' });
});
