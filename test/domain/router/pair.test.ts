import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { PAIR_PORT } from '../../../src/domain/router/pair';
import { refusals } from '../../support/network-config';

const STANDBY_MAC = 'e6:65:c0:a8:0c:63';
const CONFIG = {
  cniVersion: '1.0.0',
  name: 'db',
  type: 'egress-router',
  standbyMac: STANDBY_MAC,
  ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
};

test('a router with a standby is a configuration', () => {
  expect(decodeNetworkConfig(CONFIG)).toMatchObject({ standbyMac: STANDBY_MAC });
});

test.each([
  ['a MAC address that is not one', { standbyMac: 'e6:65' }, 'standbyMac', 'is not a MAC address'],
  ["the holder's, as it is given", { mac: STANDBY_MAC }, 'standbyMac', 'is the MAC address of the pod that has the'],
  [
    "the holder's, as it is derived",
    { standbyMac: 'e2:65:c0:a8:0c:63' },
    'standbyMac',
    'is the MAC address of the pod',
  ],
  ["the pair's port for the health port", { healthPort: PAIR_PORT }, 'healthPort', 'is the port on which the pods'],
  ['one MAC address for the parent', { interfaceArgs: { mode: 'passthru' } }, 'interfaceArgs.mode', 'takes the parent'],
  [
    'no gateway',
    { ip: { addresses: ['192.168.12.99/24'], destinations: ['8443 TCP 192.168.12.26 443'] } },
    'ip.addresses[0]',
    'has no gateway',
  ],
  [
    "the pair's port, by UDP",
    { ip: { ...CONFIG.ip, destinations: [`${PAIR_PORT} UDP 203.0.113.26 443`] } },
    'ip.destinations[0]',
    'takes the port on which the pods of a pair',
  ],
])('refuses %s', (_name, change, path, problem) => {
  expect(refusals({ ...CONFIG, ...change })).toEqual([
    expect.objectContaining({ path, problem: expect.stringContaining(problem) }),
  ]);
});

test("an SCTP port of that number is not the pair's, and without a standby no port is", () => {
  const withPort = (protocol: string) => ({
    ...CONFIG.ip,
    destinations: [`${PAIR_PORT} ${protocol} 203.0.113.26 443`],
  });
  expect(() => decodeNetworkConfig({ ...CONFIG, ip: withPort('SCTP') })).not.toThrow();
  expect(() => decodeNetworkConfig({ ...CONFIG, standbyMac: undefined, ip: withPort('TCP') })).not.toThrow();
});
