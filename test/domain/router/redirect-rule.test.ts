import * as fc from 'fast-check';
import type { Field } from '../../../src/domain/input/decoder';
import { destinationEntry, readDestinationEntry, readRedirectRule } from '../../../src/domain/router/redirect-rule';
import { read } from '../../support/accept';
import { anyAddress } from '../../support/arbitrary-address';

const rule = (field: Field) => {
  const value = readRedirectRule(field)?.value;
  return value && `${value.port} ${value.protocol} ${value.destination.text} ${value.targetPort}`;
};

const entry = (field: Field) => {
  const read = readDestinationEntry(field);
  if (read === undefined) return undefined;
  if ('fallback' in read) return read.fallback.value.text;
  const { port, protocol, destination, targetPort } = read.rule.value;
  return `${port} ${protocol} ${destination.text} ${targetPort}`;
};

test.each([
  [{ port: 80, protocol: 'UDP', destinationIp: '203.0.113.25' }, '80 UDP 203.0.113.25 80'],
  [{ port: 8080, protocol: 'TCP', destinationIp: '203.0.113.26', targetPort: 80 }, '8080 TCP 203.0.113.26 80'],
  [{ port: 1, protocol: 'SCTP', destinationIp: '2001:DB8::26', targetPort: 65535 }, '1 SCTP 2001:db8::26 65535'],
  [{ port: 80, protocol: 'TCP', destinationIp: '10.0.0.1', targetPort: null }, '80 TCP 10.0.0.1 80'],
  [{ port: 80, protocol: 'TCP', destinationIp: '10.0.0.1', targetPort: undefined }, '80 TCP 10.0.0.1 80'],
])('the rule %j is read as %s', (value, text) => {
  expect(read(rule, value)).toEqual({ value: text, issues: [] });
});

const RULE = { port: 80, protocol: 'TCP', destinationIp: '203.0.113.25' };

test.each<[string, unknown, string, string]>([
  ['port', 0, 'is out of range', 'a port number'],
  ['port', 65536, 'is out of range', 'a port number'],
  ['port', 80.5, 'is not an integer', 'a port number'],
  ['port', '80', 'is not a number', 'a port number'],
  ['port', undefined, 'is missing', 'a port number'],
  ['targetPort', 0, 'is out of range', 'a port number'],
  ['targetPort', 1e5, 'is out of range', 'a port number'],
  ['targetPort', '', 'is not a number', 'a port number'],
  ['protocol', 'ICMP', 'is not known', 'TCP, UDP, SCTP'],
  ['protocol', undefined, 'is missing', 'TCP, UDP, SCTP'],
  ['destinationIp', '203.0.113.0/24', 'carries a prefix length', 'without prefix'],
  ['destinationIp', '203.0.113.25/32', 'carries a prefix length', 'without prefix'],
  ['destinationIp', 'fe80::1%eth0', 'carries a zone id', 'without prefix or zone'],
  ['destinationIp', 'db.example.com', 'is not an IP address but a host name', 'an IPv4 or IPv6 address'],
  ['destinationIp', '', 'is empty', 'an IPv4 or IPv6 address'],
  ['destinationIp', undefined, 'is missing', 'an IPv4 or IPv6 address'],
  ['destinationIp', 7, 'is not a string', 'an IPv4 or IPv6 address'],
])('a rule whose %s is %j %s', (key, value, problem, accepted) => {
  expect(read(rule, { ...RULE, [key]: value })).toEqual({
    value: undefined,
    issues: [{ path: `it.${key}`, value, problem, accepted: expect.stringContaining(accepted) }],
  });
});

test('a misspelled key of a rule is refused with a hint, and so is one that belongs elsewhere', () => {
  expect(read(rule, { ...RULE, targetport: 1, name: 'db' }).issues).toMatchObject([
    { path: 'it.targetport', value: 1, problem: expect.stringContaining('did you mean "targetPort"?') },
    { path: 'it.name', value: 'db', accepted: 'port, protocol, destinationIp, targetPort' },
  ]);
});

test('the mistakes of one rule are found together', () => {
  const { issues } = read(rule, { port: 0, protocol: 'x', destinationIp: 'y', targetPort: 0 });
  expect(issues.map(({ path }) => path)).toEqual(['it.port', 'it.protocol', 'it.destinationIp', 'it.targetPort']);
});

test.each([[null], [[]], ['80 TCP 10.0.0.1'], [7]])('%j is not a rule', (value) => {
  expect(read(rule, value)).toMatchObject({ value: undefined, issues: [{ path: 'it', accepted: 'an object' }] });
});

test.each([
  ['203.0.113.27', '203.0.113.27'],
  ['2001:DB8::27', '2001:db8::27'],
  ['80 UDP 203.0.113.25', '80 UDP 203.0.113.25 80'],
  ['8080 tcp 203.0.113.26 80', '8080 TCP 203.0.113.26 80'],
  ['65535 SCTP 2001:db8::26 1', '65535 SCTP 2001:db8::26 1'],
  ['  80   TCP\t10.0.0.1  ', '80 TCP 10.0.0.1 80'],
])('the entry "%s" is read as %s', (text, value) => {
  expect(read(entry, text)).toEqual({ value, issues: [] });
});

test.each([
  ['80', 'has "80", which is not an IP address', 'an IPv4 or IPv6 address'],
  ['   ', 'has 0 words', '"PORT PROTOCOL IP"'],
  ['TCP 10.0.0.1', 'has 2 words', '"PORT PROTOCOL IP"'],
  ['80 TCP 10.0.0.1 443 x', 'has 5 words', '"PORT PROTOCOL IP TARGETPORT"'],
  ['0 TCP 10.0.0.1', 'has "0" for a port', 'from 1 to 65535'],
  ['65536 TCP 10.0.0.1', 'has "65536" for a port', 'from 1 to 65535'],
  ['080 TCP 10.0.0.1', 'has "080" for a port', 'from 1 to 65535'],
  ['1e3 TCP 10.0.0.1', 'has "1e3" for a port', 'from 1 to 65535'],
  ['0x50 TCP 10.0.0.1', 'has "0x50" for a port', 'from 1 to 65535'],
  ['-80 TCP 10.0.0.1', 'has "-80" for a port', 'from 1 to 65535'],
  ['80 TCP 10.0.0.1 0', 'has "0" for a port', 'from 1 to 65535'],
  ['80 TCP 10.0.0.1 99999', 'has "99999" for a port', 'from 1 to 65535'],
  ['80 ICMP 10.0.0.1', 'names the protocol "ICMP"', 'TCP, UDP, SCTP'],
  ['80 \u017fctp 10.0.0.1', 'names the protocol "\u017fctp"', 'TCP, UDP, SCTP'],
  ['80 TCP 10.0.0.0/8', 'has "10.0.0.0/8", which carries a prefix length', 'without prefix'],
  ['172.217.15.78/32', 'has "172.217.15.78/32", which carries a prefix length', 'without prefix'],
  ['80 TCP fe80::1%eth0', 'has "fe80::1%eth0", which carries a zone id', 'without prefix or zone'],
  ['80 TCP [2001:db8::1]', 'has "[2001:db8::1]", which is in brackets', 'an IPv4 or IPv6 address'],
  ['80,TCP,10.0.0.1', 'has "80,TCP,10.0.0.1", which is not an IP address', 'an IPv4 or IPv6 address'],
])('the entry "%s" %s', (text, problem, accepted) => {
  expect(read(entry, text)).toEqual({
    value: undefined,
    issues: [{ path: 'it', value: text, problem, accepted: expect.stringContaining(accepted) }],
  });
});

test('every wrong word of an entry has an issue', () => {
  expect(read(entry, '0 x y 0').issues.map(({ problem }) => problem)).toEqual([
    'has "0" for a port',
    'names the protocol "x"',
    'has "y", which is not an IP address',
    'has "0" for a port',
  ]);
});

test.each([[''], [null], [80], [['80 TCP 10.0.0.1']], [{ port: 80 }]])('%j is not an entry', (value) => {
  expect(read(entry, value).issues).toMatchObject([
    { path: 'it', accepted: expect.stringContaining('"PORT PROTOCOL IP"') },
  ]);
});

test('an entry names its target port only when it is another', () => {
  const destination = { family: 4, text: '10.0.0.1', bytes: [10, 0, 0, 1] } as const;
  expect(destinationEntry({ protocol: 'TCP', port: 80, destination, targetPort: 80 })).toBe('80 TCP 10.0.0.1');
  expect(destinationEntry({ protocol: 'UDP', port: 80, destination, targetPort: 81 })).toBe('80 UDP 10.0.0.1 81');
});

test('the entry of a rule is read back as the rule', () => {
  const port = fc.integer({ min: 1, max: 65535 });
  const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
  fc.assert(
    fc.property(port, protocol, anyAddress, fc.option(port), (given, word, destination, target) => {
      fc.pre(!destination.text.startsWith('::ffff:'));
      const value = { protocol: word, port: given, destination, targetPort: target ?? given } as const;
      const found = read(readDestinationEntry, destinationEntry(value)).value;
      expect(found).toMatchObject({ rule: { value } });
    }),
  );
});
