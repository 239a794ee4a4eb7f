import { isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import {
  addressKind,
  familyName,
  fromBytes,
  hostOnly,
  type IpAddress,
  isIpv6LinkLocal,
  parseIpAddress,
  readIpAddress,
} from '../../../src/domain/values/ip-address';
import { acceptAll, read, refuseAll } from '../../support/accept';
import { ipv4Bytes, ipv6Bytes } from '../../support/arbitrary-address';
import { repetitions } from '../../support/repetitions';

function parsed(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (typeof address === 'string') throw new Error(`${text} ${address}`);
  return address;
}

/** RFC 5952 text by the URL standard's parser and serializer. */
function canonical(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function words(bytes: readonly number[]): number[] {
  return Array.from({ length: 8 }, (_, index) => bytes[2 * index]! * 256 + bytes[2 * index + 1]!);
}

const isMapped = (bytes: readonly number[]) => words(bytes).slice(0, 6).join() === '0,0,0,0,0,65535';

test('addresses of both families', () => {
  acceptAll(readIpAddress, [
    '0.0.0.0',
    '1.2.3.4',
    '192.168.12.99',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    '2001:db8::26',
    '2001:DB8:0:0:0:0:0:26',
    '2001:0db8:0000:0000:0000:0000:0000:0026',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '64:ff9b::203.0.113.26',
    '1:2:3:4:5:6:7.8.9.10',
  ]);
});

test('other text is not an address', () => {
  refuseAll(
    readIpAddress,
    [
      '',
      ' ',
      'localhost',
      'example.com',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '1.2.3.-4',
      '1.2.3.4 ',
      ' 1.2.3.4',
      '1.2.3.4\n',
      '1.2.3.4:80',
      '16909060',
      '0x01020304',
      '0x1.2.3.4',
      '010.0.0.1',
      '10.0.0.01',
      '١.٢.٣.٤',
      ':',
      ':::',
      ':1',
      '1:',
      '1::2::3',
      '12345::',
      '2001:db8::00001',
      '2001:db8::g',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8',
      '[2001:db8::1]',
      '::1.2.3',
      '1:2:3:4:5:6:7:1.2.3.4',
      7,
      0x01020304,
      true,
      null,
      undefined,
      ['1.2.3.4'],
      {},
    ],
    'an IPv4 or IPv6 address without prefix or zone',
  );
});

test.each(['64:ff9b::010.0.0.1', '64:ff9b::10.0.0.01', '64:ff9b::0x1.2.3.4', '64:ff9b::08.0.0.1', '1::0.0.0.00'])(
  'the IPv4 part of %s is not a decimal without leading zeros',
  (text) => {
    expect(parseIpAddress(text)).toBe('is not an IP address');
  },
);

test.each([
  ['https://203.0.113.26', 'is a URL'],
  ['https://203.0.113.26/path', 'is a URL'],
  ['[2001:db8::1]', 'is in brackets'],
  ['[2001:db8::1]:443', 'is in brackets'],
  ['203.0.113.26:443', 'carries a port'],
  ['010.0.0.1', 'has an octet with a leading zero, which is octal to some programs'],
  ['10.0.0.01', 'has an octet with a leading zero, which is octal to some programs'],
  ['db.example.com', 'is not an IP address but a host name'],
  ['localhost', 'is not an IP address'],
  ['1.2.3.4/24', 'carries a prefix length'],
  ['2001:db8::1/64', 'carries a prefix length'],
  ['1.2.3.4/', 'carries a prefix length'],
  ['fe80::1%eth0', 'carries a zone id'],
  ['fe80::1%', 'carries a zone id'],
  ['1.2.3.4%eth0', 'carries a zone id'],
  ['::ffff:10.0.0.1', 'is an IPv4-mapped address (write 10.0.0.1)'],
  ['::FFFF:a00:1', 'is an IPv4-mapped address (write 10.0.0.1)'],
  ['0:0:0:0:0:ffff:a00:1', 'is an IPv4-mapped address (write 10.0.0.1)'],
])('%s is refused because it %s', (text, problem) => {
  refuseAll(readIpAddress, [text], 'an IPv4 or IPv6 address');
  expect(read(readIpAddress, text).issues[0]!.problem).toBe(problem);
});

test('the text of an IPv4 address is its four octets, and comes back', () => {
  fc.assert(
    fc.property(ipv4Bytes, (bytes) => {
      expect(fromBytes(bytes)).toEqual({ family: 4, text: bytes.join('.'), bytes });
      expect(parsed(bytes.join('.'))).toEqual(fromBytes(bytes));
    }),
  );
});

test('every spelling of an IPv6 address has the same canonical text', () => {
  fc.assert(
    fc.property(ipv6Bytes, (bytes) => {
      fc.pre(!isMapped(bytes));
      const short = words(bytes).map((word) => word.toString(16));
      const long = short.map((word) => word.padStart(4, '0'));
      const embedded = `${short.slice(0, 6).join(':')}:${bytes.slice(12).join('.')}`;
      const expected = { family: 6, text: canonical(short.join(':')), bytes };
      expect(fromBytes(bytes)).toEqual(expected);
      for (const text of [short.join(':'), long.join(':'), long.join(':').toUpperCase(), embedded, expected.text]) {
        expect({ text, address: parsed(text) }).toEqual({ text, address: expected });
      }
    }),
    { numRuns: repetitions(300, 1000) },
  );
});

test('the text is accepted exactly when another parser accepts it', () => {
  const part = fc.constantFrom('0', '1', 'a', 'FF', 'ffff', '0001', '00001', '10000', '1.2.3.4', '255', 'g', '::', '');
  const texts = fc
    .tuple(fc.array(part, { maxLength: 9 }), fc.constantFrom(':', '.', '::', ''))
    .map(([parts, separator]) => parts.join(separator));
  fc.assert(
    fc.property(fc.oneof(texts, fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 12 })), (text) => {
      fc.pre(!/[%/]/.test(text));
      const ours = parseIpAddress(text);
      if (typeof ours !== 'string')
        expect({ text, isAddress: isIPv4(text) || isIPv6(text) }).toEqual({ text, isAddress: true });
      else if (!ours.startsWith('is an IPv4-mapped'))
        expect({ text, isAddress: isIPv4(text) || isIPv6(text) }).toEqual({ text, isAddress: false });
      else expect(canonical(text)).toMatch(/^::ffff:[0-9a-f]+:[0-9a-f]+$/);
    }),
    { numRuns: repetitions(4000, 20_000) },
  );
});

test('an address in the deprecated IPv4-compatible form is an IPv6 address, however it is written', () => {
  expect(parseIpAddress('::1.2.3.4')).toEqual(parseIpAddress('::102:304'));
});

test('equal addresses have equal text and different ones do not', () => {
  fc.assert(
    fc.property(ipv6Bytes, ipv6Bytes, (one, other) => {
      expect(fromBytes(one).text === fromBytes(other).text).toBe(one.join() === other.join());
    }),
  );
});

test('hundreds of thousands of characters are refused at once', () => {
  for (const text of [`${'a:'.repeat(200_000)}z`, '::'.repeat(200_000), '1.'.repeat(200_000), '1'.repeat(400_000)]) {
    expect(parseIpAddress(text)).toBe('is not an IP address');
  }
});

test.each([
  ['host', ['1.1.1.1', '10.0.0.1', '100.64.0.1', '192.0.2.1', '198.18.0.1', '203.0.113.26', '126.0.0.1', '128.0.0.1']],
  [
    'host',
    ['223.255.255.254', '169.253.0.1', '169.255.0.1', '2001:db8::1', 'fd00::1', '64:ff9b::1', '2002::1', 'fec0::1'],
  ],
  ['unspecified', ['0.0.0.0', '::']],
  ['loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff00::', 'ff02::1', 'ffff::1']],
  ['link-local', ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::', 'fe80::1', 'febf::1']],
  ['broadcast', ['255.255.255.255']],
  ['reserved', ['240.0.0.0', '240.0.0.1', '255.255.255.254']],
])('addresses of the kind %s: %s', (kind, texts) => {
  for (const text of texts) expect({ text, kind: addressKind(parsed(text)) }).toEqual({ text, kind });
});

test('no address of 0.0.0.0/8 is a host', () => {
  for (const text of ['0.0.0.1', '0.1.2.3', '0.255.255.255']) expect(addressKind(parsed(text))).not.toBe('host');
});

test.each([
  ['10.0.0.1', undefined],
  ['0.0.0.0', 'is the unspecified address'],
  ['::', 'is the unspecified address'],
  ['127.0.0.1', 'is a loopback address'],
  ['::1', 'is a loopback address'],
  ['ff02::1', 'is a multicast address'],
  ['fe80::1', 'is a link-local address'],
  ['255.255.255.255', 'is a broadcast address'],
  ['240.0.0.1', 'is a reserved address'],
])('as a host, %s %s', (text, problem) => {
  const { value, issues } = read((field) => hostOnly(field, parsed(text), 'a host'), text);
  expect(value?.text).toBe(problem === undefined ? text : undefined);
  expect(issues).toEqual(problem === undefined ? [] : [{ path: 'it', value: text, problem, accepted: 'a host' }]);
});

test('families have the names that Services use', () => {
  expect([familyName(4), familyName(6)]).toEqual(['IPv4', 'IPv6']);
});

// RFC 4291, 2.5.6: fe80::/10, whatever the other bits are.
test.each([
  ['fe80::', true],
  ['fe80::1', true],
  ['fe80:1::1', true],
  ['fe90::1', true],
  ['febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', true],
  ['fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff', false],
  ['fec0::', false],
  ['ff02::1', false],
  ['::1', false],
  ['2001:db8::fe80', false],
  // IPv4 has link-local addresses too, which need no scope.
  ['169.254.0.1', false],
])('isIpv6LinkLocal(%s) is %s', (text, expected) => {
  expect(isIpv6LinkLocal(parsed(text))).toBe(expected);
});
