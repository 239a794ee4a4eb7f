import { type AddressPolicy, refusalOf } from '../../../src/domain/names/address-policy';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const cidrs = (...texts: string[]) => texts.map((text) => parseCidr(text) as Cidr);
const POLICY: AddressPolicy = {
  reserved: cidrs('192.168.12.99/24', '2001:db8:12::99/64'),
  cluster: cidrs('10.244.0.0/16', '10.96.0.0/12', 'fd00:10::/48'),
};

test.each([
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['255.255.255.255', 'broadcast'],
  ['240.0.0.1', 'reserved'],
  ['10.244.3.4', 'cluster'],
  ['10.111.0.1', 'cluster'],
  ['fd00:10::7', 'cluster'],
  ['192.168.12.99', 'own'],
  ['2001:db8:12::99', 'own'],
  ['192.168.12.0', 'subnet-role'],
  ['192.168.12.255', 'subnet-role'],
  ['203.0.113.26', undefined],
  ['192.168.12.7', undefined],
  ['10.112.0.1', undefined],
  ['2001:db8::26', undefined],
])('%s is refused as %s', (text, reason) => {
  expect(refusalOf(parseIpAddress(text) as IpAddress, POLICY)).toBe(reason);
});

test.each([
  ['198.51.100.7', undefined],
  ['198.51.101.7', 'not-allowed'],
  ['2001:db8::26', 'not-allowed'],
  // A range that contains the cluster's allows none of its addresses.
  ['10.244.3.4', 'cluster'],
])('with allowed ranges, %s is refused as %s', (text, reason) => {
  const policy = { ...POLICY, allowed: cidrs('198.51.100.0/24', '10.0.0.0/8') };
  expect(refusalOf(parseIpAddress(text) as IpAddress, policy)).toBe(reason);
});
