import { readInvocation } from '../../../cni/protocol/invocation';
import { FORMAT_VERSION } from '../../../src/domain/router/format-version';
import { decodeNetworkConfig, encodeNetworkConfig } from '../../../src/domain/router/network-config';
import { ENVIRONMENT } from '../../support/call';
import { refusals } from '../../support/network-config';

const CONFIG = {
  cniVersion: '1.0.0',
  name: 'db',
  type: 'egress-router',
  ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
};

/** What a release to come may write: a newer format with a key, a mode and a word that this one does not know. */
const NEWER = {
  ...CONFIG,
  formatVersion: FORMAT_VERSION + 1,
  interfaceType: 'ipvlan',
  healtPort: 1,
  ip: { ...CONFIG.ip, destinations: ['443 TCP api.bank.example'] },
};

test('a configuration carries the number of the oldest format that says all of it', () => {
  const encoded = (more: object) => encodeNetworkConfig(decodeNetworkConfig({ ...CONFIG, ...more }));
  expect(encoded({})).toMatchObject({ formatVersion: 1 });
  expect(encoded({ standbyMac: 'e6:65:c0:a8:0c:63' })).toMatchObject({ formatVersion: FORMAT_VERSION });
  expect(decodeNetworkConfig({ ...CONFIG, formatVersion: FORMAT_VERSION })).toEqual(decodeNetworkConfig(CONFIG));
});

test('a plugin refuses a newer format, and says nothing about the rest of it', () => {
  expect(refusals(NEWER)).toEqual([
    {
      path: 'formatVersion',
      value: FORMAT_VERSION + 1,
      problem: 'is newer than this plugin, which was made before that format',
      accepted: `at most ${FORMAT_VERSION}; or the plugin of the release that made the configuration, on this node`,
    },
  ]);
});

test.each(['ADD', 'CHECK'])('%s fails on a node with an older plugin', (command) => {
  const call = () => readInvocation({ ...ENVIRONMENT, CNI_COMMAND: command }, JSON.stringify(NEWER));
  expect(call).toThrow(/formatVersion: \d+ is newer than this plugin/);
});

test.each([0, 1.5, '1'])('%j is not a format number', (formatVersion) => {
  expect(refusals({ ...CONFIG, formatVersion })).toEqual([
    expect.objectContaining({ path: 'formatVersion', value: formatVersion }),
  ]);
});
