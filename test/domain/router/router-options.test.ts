import { Field } from '../../../src/domain/input/decoder';
import type { Issue } from '../../../src/domain/input/issue';
import {
  DEFAULT_OPTIONS,
  encodeOptions,
  OPTION_KEYS,
  type RouterOptions,
  readOptions,
} from '../../../src/domain/router/router-options';

function options(input: unknown): { value: RouterOptions; issues: Issue[] } {
  const issues: Issue[] = [];
  return { value: readOptions(Field.root(input, issues)), issues };
}

const CHANGED: RouterOptions = {
  healthPort: 8080,
  routingTable: 251,
  counters: true,
  liveRules: true,
  announcements: 10,
  arpFramesPerSecond: 1,
  detectConflicts: false,
  conflictWait: 0,
  connectionsPerClient: 4000,
  connectionTimeouts: { tcpEstablished: 7440, tcpHalfClosed: 240, udp: 30, udpStream: 180, sctpEstablished: 210 },
  primaryInterface: 'ovn-udn1',
  logFile: '/var/log/egress-router.log',
  logLevel: 'debug',
};

test('the defaults are those of the documentation', () => {
  expect(options({})).toStrictEqual({
    value: {
      routingTable: 100,
      counters: false,
      liveRules: false,
      announcements: 3,
      arpFramesPerSecond: 10,
      detectConflicts: true,
      conflictWait: 10,
      connectionTimeouts: {
        tcpEstablished: 86_400,
        tcpHalfClosed: 7440,
        udp: 120,
        udpStream: 300,
        sctpEstablished: 7440,
      },
      logLevel: 'verbose',
    },
    issues: [],
  });
});

test('options that have their default are not written', () => {
  expect(encodeOptions(DEFAULT_OPTIONS)).toEqual({});
  expect(encodeOptions({ ...DEFAULT_OPTIONS, announcements: 4 })).toEqual({ announcements: 4 });
});

test('each changed option is written under a key of its own and read back', () => {
  const encoded = encodeOptions(CHANGED);
  expect(Object.keys(encoded).sort()).toEqual([...OPTION_KEYS].sort());
  expect(options(encoded)).toStrictEqual({ value: CHANGED, issues: [] });
  for (const key of OPTION_KEYS) {
    const { value, issues } = options({ [key]: encoded[key] });
    expect(issues).toEqual([]);
    expect(encodeOptions(value)).toEqual({ [key]: encoded[key] });
  }
});

test.each<[string, unknown[]]>([
  ['healthPort', [1, 65535]],
  ['routingTable', [1, 251]],
  ['counters', [true, false]],
  ['announcements', [1, 10]],
  ['arpFramesPerSecond', [1, 10]],
  ['detectConflicts', [true, false]],
  ['conflictWait', [0, 120]],
  ['connectionsPerClient', [1, 4000]],
  ['connectionTimeouts', [{}, { udp: 1, tcpEstablished: 432_000 }, { udp: null }]],
  ['primaryInterface', ['eth0', 'bond0.12']],
  ['log_file', ['/tmp/egress-router-log', '']],
  ['log_level', ['panic', 'error', 'verbose', 'debug', 'DEBUG', '']],
])('%s may be any of %j, and null for its default', (key, values) => {
  for (const value of [...values, null])
    expect({ value, issues: options({ [key]: value }).issues }).toEqual({ value, issues: [] });
  expect(options({ [key]: null }).value).toStrictEqual(DEFAULT_OPTIONS);
});

test.each<[string, unknown[], string]>([
  ['healthPort', [0, 65536, '9180', 9180.5], 'a port number, an integer from 1 to 65535'],
  ['routingTable', [0, 252, 253, 254, 255, 'main', 100.5], 'from 1 to 251'],
  ['counters', ['true', 1, 0, ''], 'true or false'],
  ['announcements', [0, 11, 2.5, '3', true], 'from 1 to 10'],
  ['arpFramesPerSecond', [0, 11, 1000, 2.5, '3', true], 'from 1 to 10'],
  ['detectConflicts', ['false', 0], 'true or false'],
  ['conflictWait', [-1, 121, '10', 0.5], 'a number of seconds, an integer from 0 to 120'],
  ['connectionsPerClient', [0, 4001, -1, 2.5, '100', true], 'a number of connections, an integer from 1 to 4000'],
  ['primaryInterface', ['sixteen-bytes-xx', 'a/b', 'lo', '', 0], '1 to 15 bytes'],
  ['log_file', [7, true, ['/tmp/log'], 'egress-router.log', './log', ' /log'], 'the absolute path of a file'],
  ['log_level', ['trace', 'info', 3, ['debug']], 'panic, error, verbose, debug'],
])('%s may be none of %j', (key, values, accepted) => {
  for (const value of values) {
    expect(options({ [key]: value }).issues).toEqual([
      { path: key, value, problem: expect.any(String), accepted: expect.stringContaining(accepted) },
    ]);
  }
});

test.each<[unknown, string, unknown, string]>([
  [300, 'connectionTimeouts', 300, 'an object'],
  [{ udp: 0 }, 'connectionTimeouts.udp', 0, 'a number of seconds, an integer from 1 to 432000'],
  [{ tcpEstablished: 432_001 }, 'connectionTimeouts.tcpEstablished', 432_001, 'from 1 to 432000'],
  [{ sctpEstablished: '5m' }, 'connectionTimeouts.sctpEstablished', '5m', 'from 1 to 432000'],
  [{ udpStreams: 180 }, 'connectionTimeouts.udpStreams', 180, 'udpStream'],
])('connection timeouts may not be %j', (connectionTimeouts, path, value, accepted) => {
  expect(options({ connectionTimeouts }).issues).toEqual([
    { path, value, problem: expect.any(String), accepted: expect.stringContaining(accepted) },
  ]);
});

test('a connection timeout that is its default is not written', () => {
  const connectionTimeouts = { ...DEFAULT_OPTIONS.connectionTimeouts, udp: 30 };
  expect(encodeOptions({ ...DEFAULT_OPTIONS, connectionTimeouts })).toEqual({ connectionTimeouts: { udp: 30 } });
});

test('all wrong options are found together', () => {
  expect(options({ healthPort: 0, announcements: 0, log_level: 'x' }).issues.map(({ path }) => path)).toEqual([
    'healthPort',
    'announcements',
    'log_level',
  ]);
});
