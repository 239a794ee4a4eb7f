import { canonicalAddress, canonicalMac, readPairAddress } from '../../../cloud/openstack/address-pair';
import { acceptAll, read, refuseAll } from '../../support/accept';

test('addresses and subnets, in canonical text', () => {
  expect(read(readPairAddress, '192.168.12.99').value).toBe('192.168.12.99');
  expect(read(readPairAddress, '192.168.12.99/32').value).toBe('192.168.12.99');
  expect(read(readPairAddress, '2001:DB8:0::63/128').value).toBe('2001:db8::63');
  expect(read(readPairAddress, '192.168.12.96/28').value).toBe('192.168.12.96/28');
  acceptAll(readPairAddress, ['10.0.0.0/8', '2001:db8:12::/64', '2001:db8::1']);
});

test('text that is neither, or covers a whole family, is rejected', () => {
  const wrong = [
    '',
    'router',
    '192.168.12',
    '192.168.12.256',
    '192.168.12.99/33',
    '192.168.12.99/',
    '010.0.0.1',
    7,
    null,
    undefined,
  ];
  refuseAll(readPairAddress, wrong, 'an IPv4 or IPv6 address');
  refuseAll(
    readPairAddress,
    ['0.0.0.0/0', '::/0', '0.0.0.0', '224.0.0.1', 'fe80::1', '127.0.0.1'],
    'an IPv4 or IPv6 address',
  );
});

test("a reserved IP with its subnet's prefix length is refused: it would open the whole subnet", () => {
  const { issues } = read(readPairAddress, '192.168.12.99/24');
  expect(issues[0]!.problem).toContain('the whole subnet');
  expect(issues[0]!.problem).toContain('"192.168.12.99"');
});

test('an unreadable address of another writer stays unchanged', () => {
  expect(canonicalAddress('192.168.12.99/24')).toBe('192.168.12.99/24');
  expect(canonicalAddress('nowhere/24')).toBe('nowhere/24');
  expect(canonicalMac('no-mac')).toBe('no-mac');
});
