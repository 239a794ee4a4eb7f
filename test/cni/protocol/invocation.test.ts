import { CODES } from '../../../cni/protocol/cni-error';
import { readInvocation } from '../../../cni/protocol/invocation';
import { LONGEST_INPUT } from '../../../cni/protocol/standard-streams';
import { CNI_VERSIONS } from '../../../src/domain/router/network-config';
import { call, ENVIRONMENT, NETWORK, refusal } from '../../support/call';

/** Which version of the specification each command came with. */
const SINCE = { ADD: '0.3.0', DEL: '0.3.0', CHECK: '0.4.0', STATUS: '1.1.0', GC: '1.1.0', VERSION: '0.3.0' } as const;
const COMMANDS = Object.keys(SINCE) as (keyof typeof SINCE)[];
const TABLE = COMMANDS.flatMap((command) => CNI_VERSIONS.map((version) => [command, version] as const));

test.each(TABLE)('%s in version %s', (command, cniVersion) => {
  const attempt = () => call(command, { cniVersion });
  const isKnown = CNI_VERSIONS.indexOf(cniVersion) >= CNI_VERSIONS.indexOf(SINCE[command]);
  if (isKnown) expect(attempt()).toMatchObject({ command, cniVersion });
  else {
    expect(refusal(attempt)).toMatchObject({
      code: CODES.INCOMPATIBLE_VERSION,
      message: `cniVersion ${cniVersion} has no command ${command}, which came with ${SINCE[command]}`,
    });
  }
});

test.each(['0.1.0', '0.2.0', '0.3.2', '1.1', '2.0.0', 'v1.0.0', 7, {}])('version %j is refused', (cniVersion) => {
  expect(refusal(() => call('ADD', { cniVersion }))).toMatchObject({
    code: CODES.INCOMPATIBLE_VERSION,
    message: `cniVersion ${JSON.stringify(cniVersion)} is not supported`,
    details: 'supported: 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0',
  });
});

test.each([undefined, null, ''])('a configuration whose version is %j gets the oldest', (cniVersion) => {
  expect(call('ADD', { cniVersion })).toMatchObject({ cniVersion: '0.3.0', config: { cniVersion: '0.3.0' } });
});

test.each(['', '{', '{"cniVersion":"x"}', 'null'])('VERSION answers whatever it reads: %j', (stdin) => {
  expect(readInvocation({ CNI_COMMAND: 'VERSION' }, stdin)).toEqual({ command: 'VERSION', cniVersion: '1.1.0' });
});

const REQUIRED = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  STATUS: [],
  GC: [],
  VERSION: [],
} as const;
const VARIABLES = COMMANDS.flatMap((command) =>
  Object.keys(ENVIRONMENT).flatMap((name) => [undefined, ''].map((value) => [command, name, value] as const)),
);

test.each(VARIABLES)('%s with %s = %j', (command, name, value) => {
  const attempt = () => call(command, { 'cni.dev/valid-attachments': [] }, { [name]: value });
  if ((REQUIRED[command] as readonly string[]).includes(name)) {
    expect(refusal(attempt)).toMatchObject({
      code: CODES.INVALID_ENVIRONMENT,
      message: `missing in the environment: ${name}`,
    });
  } else expect(attempt()).toMatchObject({ command });
});

test('all that is missing is named at once', () => {
  const attempt = () => readInvocation({ CNI_COMMAND: 'ADD' }, JSON.stringify(NETWORK));
  expect(refusal(attempt).message).toBe('missing in the environment: CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS');
});

test.each([undefined, '', 'add', 'UPDATE', 'constructor', '__proto__'])('command %j is refused', (command) => {
  expect(refusal(() => call('', {}, { CNI_COMMAND: command }))).toMatchObject({
    code: CODES.INVALID_ENVIRONMENT,
    message: `CNI_COMMAND ${JSON.stringify(command ?? '')} is not known`,
    details: 'accepted: ADD, DEL, CHECK, STATUS, GC, VERSION',
  });
});

test.each(['../../etc', '.hidden', '-x', 'a b', 'a\n', 'é', 'a/b', 'a@b'])('container ID %j is refused', (id) => {
  const error = refusal(() => call('DEL', {}, { CNI_CONTAINERID: id }));
  expect(error).toMatchObject({ code: CODES.INVALID_ENVIRONMENT, message: 'invalid CNI_CONTAINERID' });
  expect(error.details).toBe(
    `CNI_CONTAINERID: ${JSON.stringify(id)} is not a container ID; accepted: letters, digits, ".", "_" and "-", beginning with a letter or digit`,
  );
});

test.each(['.', '..', 'a/b', 'a:b', 'a b', 'sixteen-letters-', 'nét1-is-too-long'])(
  'interface name %j is refused',
  (name) => {
    expect(refusal(() => call('ADD', {}, { CNI_IFNAME: name }))).toMatchObject({
      code: CODES.INVALID_ENVIRONMENT,
      message: 'invalid CNI_IFNAME',
      details: expect.stringContaining(JSON.stringify(name)),
    });
  },
);

test('ADD knows its pod and its network', () => {
  expect(call('ADD', { log_file: '/var/log/router', log_level: 'debug' })).toMatchObject({
    containerId: 'c0ffee',
    netns: '/run/netns/pod',
    ifname: 'net1',
    network: 'db',
    log: { file: '/var/log/router', level: 'debug' },
    config: { name: 'db', addresses: [{ cidr: { text: '192.168.12.99/24' } }] },
  });
});

test.each([
  ['a configuration that is broken', { ip: { addresses: 7 }, mac: 1, prevResult: 'x' }, {}],
  ['unknown arguments', {}, { CNI_ARGS: 'FOO=1;FOO=2;=;x' }],
  ['no namespace', {}, { CNI_NETNS: '' }],
])('DEL works with %s', (_what, changes, environment) => {
  expect(call('DEL', changes, environment)).toMatchObject({ command: 'DEL', network: 'db', containerId: 'c0ffee' });
});

test.each([
  ['', 'standard input is empty'],
  [' \n', 'standard input is empty'],
  ['{', 'standard input is not JSON'],
  ['{"name": "db",}', 'standard input is not JSON'],
  ['{} {}', 'standard input is not JSON'],
  ['apiVersion: v1', 'standard input is not JSON'],
  ['['.repeat(200_000), 'standard input is not JSON'],
  [' '.repeat(LONGEST_INPUT + 1), `standard input is longer than ${LONGEST_INPUT} characters`],
])('standard input that is not JSON is refused (%#)', (stdin, message) => {
  const attempt = () => readInvocation({ ...ENVIRONMENT, CNI_COMMAND: 'ADD' }, stdin);
  expect(refusal(attempt)).toMatchObject({ code: CODES.DECODE, message });
});

test.each(['null', '7', '"db"', '[]', '{}', '{"name":""}', '{"name":"../db"}', '{"name":["db"]}'])(
  'a configuration without a network is refused: %s',
  (stdin) => {
    for (const command of ['ADD', 'DEL', 'CHECK']) {
      const attempt = () =>
        readInvocation(
          { ...ENVIRONMENT, CNI_COMMAND: command },
          stdin.replace('{', '{"cniVersion":"1.1.0",').replace(',}', '}'),
        );
      expect(refusal(attempt).code).toBe(
        stdin.startsWith('{') || command !== 'CHECK' ? CODES.INVALID_CONFIG : CODES.INCOMPATIBLE_VERSION,
      );
    }
  },
);

test.each([
  [undefined, 'prevResult: (nothing) is missing; accepted: the result of ADD, with interface "net1"'],
  [
    { interfaces: [{ name: 'net1' }, { name: 'net2', sandbox: '/run/netns/pod' }] },
    'prevResult.interfaces: [{"name":"net1"},{"name":"net2","sandbox":"/run/netns/pod"}] has no interface "net1" with a sandbox; accepted: the result of ADD, with interface "net1"',
  ],
])('CHECK wants the result of ADD: %j', (prevResult, details) => {
  expect(refusal(() => call('CHECK', { prevResult }))).toMatchObject({ code: CODES.INVALID_CONFIG, details });
  expect(call('ADD', { prevResult })).toMatchObject({ command: 'ADD' });
});

test('keys that are not supported have a code of their own, and their value in the message', () => {
  const interfaceArgs = { mtu: 1400, mastr: 'bond0' };
  expect(refusal(() => call('ADD', { interfaceArgs, conectionTimeouts: 7 }))).toMatchObject({
    code: CODES.UNSUPPORTED_FIELD,
    message: expect.stringMatching(/^unsupported field (conectionTimeouts: 7|interfaceArgs\.mastr: "bond0")$/),
    details: expect.stringMatching(/interfaceArgs\.mastr: "bond0" is an unknown key \(did you mean "master"\?\)/),
  });
  expect(refusal(() => call('ADD', { interfaceArgs, mac: 'x' }))).toMatchObject({ code: CODES.INVALID_CONFIG });
});

test('every mistake of a configuration is in the details', () => {
  const error = refusal(() =>
    call('ADD', { healthPort: 0, ip: { ...NETWORK.ip, gateway: '10.0.0.1' }, prevRezult: {} }),
  );
  expect(error).toMatchObject({ code: CODES.INVALID_CONFIG, message: 'invalid network configuration' });
  expect(error.details?.split('\n').map((line) => line.split(':')[0])).toEqual(['healthPort', 'ip.gateway']);
});

test('ADD reports every issue of its input at once, the bad name with the rest', () => {
  const configuration = {
    name: 'bad name!',
    ip: { addresses: ['192.168.12.0/24'], gateway: '10.0.0.1', destinations: ['99999 TCP 1.2.3.4'] },
    prevResult: { cniVersion: '1.1.0', interfaces: 7 },
  };
  const attempt = () => call('ADD', configuration);
  expect(attempt).toThrow(/name: "bad name!"/);
  expect(attempt).toThrow(/ip\.addresses\[0\]: "192\.168\.12\.0\/24"/);
  expect(attempt).toThrow(/ip\.destinations\[0\]/);
  expect(attempt).toThrow(/prevResult/);
});

test('a refused address does not make its gateway one without an address', () => {
  const ip = { addresses: ['192.168.12.0/24'], gateway: '10.0.0.1', destinations: ['80 TCP 1.2.3.4'] };
  expect(() => call('ADD', { ip })).toThrow(/^ip\.addresses\[0\][^\n]*$/);
  const complete = { ...ip, addresses: ['192.168.12.99/24'], gateway: '2001:db8::1' };
  expect(() => call('ADD', { ip: complete })).toThrow(
    /ip\.gateway: "2001:db8::1" has no reserved address of its family/,
  );
});

test.each([
  ['is a string', { addresses: '192.168.12.99/24' }, {}],
  ['is empty', { addresses: [] }, {}],
  ['is missing', {}, {}],
  ["is replaced by the runtime's string", { addresses: ['192.168.12.99/24'] }, { ips: '192.168.12.99/24' }],
])(
  'a list of addresses that %s does not make the gateway one without an address',
  (_what, addresses, runtimeConfig) => {
    const ip = { ...addresses, gateway: '192.168.12.1', destinations: ['80 TCP 1.2.3.4'] };
    const attempt = () => call('ADD', { ip, runtimeConfig });
    expect(attempt).toThrow(/^(ip\.addresses|runtimeConfig\.ips): /);
    expect(attempt).not.toThrow(/ip\.gateway/);
  },
);
