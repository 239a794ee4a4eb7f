import * as fc from 'fast-check';
import { fromBytes, type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import {
  deriveMacAddress,
  deriveStandbyMacAddress,
  parseMacAddress,
  readMacAddress,
} from '../../../src/domain/values/mac-address';
import { acceptAll, read, refuseAll } from '../../support/accept';
import { anyAddress, ipv4Bytes, ipv6Bytes } from '../../support/arbitrary-address';
import { repetitions } from '../../support/repetitions';

const addresses = (...texts: string[]) => texts.map((text) => parseIpAddress(text) as IpAddress);
const firstOctet = (mac: string) => Number.parseInt(mac.slice(0, 2), 16);

// Switches, ARP caches, port security and allowed-address pairs remember these: no release may change a line.
test.each([
  [['192.168.12.99'], 'e2:65:c0:a8:0c:63'],
  [['10.0.0.1'], 'e2:65:0a:00:00:01'],
  [['203.0.113.254'], 'e2:65:cb:00:71:fe'],
  [['1.2.3.4'], 'e2:65:01:02:03:04'],
  [['192.168.12.99', '2001:db8:12::99'], 'e2:65:c0:a8:0c:63'],
  [['2001:db8:12::99', '192.168.12.99'], 'e2:65:c0:a8:0c:63'],
  [['2001:db8:12::99'], 'f2:25:d3:22:30:5c'],
  [['2001:db8::1'], 'f2:b7:a3:47:6d:75'],
  [['2001:db8::2'], 'f2:b7:a3:47:50:49'],
  [['fd00:10::5'], 'f2:43:7f:a6:71:80'],
  [['2a02:898::7'], 'f2:c5:f8:76:96:3e'],
  [['ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'], 'f2:08:f5:77:86:d6'],
])('%j has the MAC address %s for ever', (texts, mac) => {
  expect(deriveMacAddress(addresses(...texts))).toBe(mac);
});

test.each([
  [['192.168.12.99'], 'e6:65:c0:a8:0c:63'],
  [['2001:db8:12::99', '192.168.12.99'], 'e6:65:c0:a8:0c:63'],
  [['2001:db8:12::99'], 'f6:25:d3:22:30:5c'],
])('the standby of %j has the MAC address %s for ever', (texts, mac) => {
  expect(deriveStandbyMacAddress(addresses(...texts))).toBe(mac);
});

test("a standby's MAC address differs from the holder's in the first octet, and is valid as that is", () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      const [mac, ofStandby] = [deriveMacAddress([address]), deriveStandbyMacAddress([address])];
      expect(ofStandby.slice(2)).toBe(mac.slice(2));
      expect(firstOctet(ofStandby)).toBe(firstOctet(mac) + 4);
      expect(parseMacAddress(ofStandby)).toEqual({ mac: ofStandby });
    }),
  );
});

test('two IPv4 addresses never share a MAC address: the address can be read back from it', () => {
  fc.assert(
    fc.property(ipv4Bytes, (bytes) => {
      const octets = deriveMacAddress([fromBytes(bytes)])
        .split(':')
        .map((octet) => Number.parseInt(octet, 16));
      expect(octets.slice(2)).toEqual(bytes);
    }),
  );
});

test('the MAC address of an IPv4 router is never that of an IPv6 router', () => {
  fc.assert(
    fc.property(ipv4Bytes, ipv6Bytes, (four, six) => {
      expect(firstOctet(deriveMacAddress([fromBytes(four)]))).toBe(0xe2);
      expect(firstOctet(deriveMacAddress([fromBytes(six)]))).toBe(0xf2);
    }),
  );
});

test('a derived MAC address is unicast, locally administered, with an unused prefix, and accepted as a given one', () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      const mac = deriveMacAddress([address]);
      expect(mac).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
      expect(firstOctet(mac) & 0b11).toBe(0b10);
      for (const foreign of ['02:42', '0a:58', 'ee:ee']) expect(mac.startsWith(foreign)).toBe(false);
      expect(parseMacAddress(mac)).toEqual({ mac });
    }),
  );
});

test('the hashes of neighbouring IPv6 addresses do not meet', () => {
  const hosts = repetitions(10_000, 65_536);
  const macs = new Set<string>();
  for (let host = 0; host < hosts; host++) {
    macs.add(
      deriveMacAddress([fromBytes([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host >> 8, host & 255])]),
    );
    macs.add(
      deriveMacAddress([fromBytes([0x20, 0x01, 0x0d, 0xb8, 0, 0, host >> 8, host & 255, 0, 0, 0, 0, 0, 0, 1, 1])]),
    );
  }
  expect(macs.size).toBe(2 * hosts - 1);
});

test('every octet of an IPv6 address counts', () => {
  fc.assert(
    fc.property(ipv6Bytes, fc.nat({ max: 15 }), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
      const other = bytes.map((byte, index) => (index === at ? byte ^ change : byte));
      expect(deriveMacAddress([fromBytes(bytes)])).not.toBe(deriveMacAddress([fromBytes(other)]));
    }),
  );
});

test('MAC addresses are six octets with colons or hyphens, and become lower case with colons', () => {
  acceptAll(readMacAddress, ['02:00:5e:10:00:01', '02-00-5E-10-00-01', 'FE:FF:FF:FF:FF:FF', '00:00:00:00:00:01']);
  expect(read(readMacAddress, '02-00-5E-10-00-0A').value).toBe('02:00:5e:10:00:0a');
  expect(read(readMacAddress, '02:00:5E:10:00:0A').value).toBe('02:00:5e:10:00:0a');
});

test('text that is not a unicast MAC address is rejected', () => {
  const refused = [
    '',
    '02:00:5e:10:00',
    '02:00:5e:10:00:01:02',
    '2:0:5e:10:0:1',
    '02:00:5e-10:00:01',
    '02005e100001',
    '0200.5e10.0001',
    '02:00:5e:10:00:0g',
    ' 02:00:5e:10:00:01',
    '02:00:5e:10:00:01\n',
    '01:00:5e:10:00:01',
    '33:33:00:00:00:01',
    'ff:ff:ff:ff:ff:ff',
    '00:00:00:00:00:00',
    '00-00-00-00-00-00',
    7,
    null,
    undefined,
    ['02:00:5e:10:00:01'],
  ];
  refuseAll(readMacAddress, refused, 'a unicast MAC address that is not zero');
});

test.each([
  ['01:00:5e:10:00:01', 'is a multicast address'],
  ['ff:ff:ff:ff:ff:ff', 'is a multicast address'],
  ['00:00:00:00:00:00', 'is zero'],
  ['02:00:5e:10:00', 'is not a MAC address'],
])('%s %s', (text, problem) => {
  expect(parseMacAddress(text)).toBe(problem);
});
