import type { NftStatement } from '../../../src/domain/data-plane/nft-table';
import { nftChainTypeText, nftRuleText } from '../../../src/domain/data-plane/nft-table-text';
import { cidr } from '../../../src/domain/values/cidr';
import { ip } from '../../support/recorded-frame';

/** A kind without a row does not compile. That `nft` understands the words is shown in test/kernel. */
const ROWS: { readonly [Kind in NftStatement['kind']]: readonly [Extract<NftStatement, { kind: Kind }>, string] } = {
  nfproto: [{ kind: 'nfproto', family: 6 }, 'meta nfproto ipv6'],
  iifname: [{ kind: 'iifname', name: 'eth0' }, 'iifname "eth0"'],
  'not-iifname': [{ kind: 'not-iifname', name: 'eth0' }, 'iifname != "eth0"'],
  oifname: [{ kind: 'oifname', name: 'net1' }, 'oifname "net1"'],
  'not-oifname': [{ kind: 'not-oifname', name: 'net1' }, 'oifname != "net1"'],
  'pkttype-host': [{ kind: 'pkttype-host' }, 'meta pkttype host'],
  'icmp-type': [{ kind: 'icmp-type', family: 6, type: 'nd-neighbor-solicit' }, 'icmpv6 type nd-neighbor-solicit'],
  limit: [{ kind: 'limit', isOver: true, perSecond: 50 }, 'limit rate over 50/second burst 50 packets'],
  l4proto: [{ kind: 'l4proto', protocol: 'ipv6-icmp' }, 'meta l4proto ipv6-icmp'],
  'l4proto-not': [{ kind: 'l4proto-not', protocol: 'icmp' }, 'meta l4proto != icmp'],
  address: [{ kind: 'address', side: 'saddr', cidr: cidr(ip('fe80::'), 10) }, 'ip6 saddr fe80::/10'],
  'address-in': [{ kind: 'address-in', family: 4, side: 'saddr', set: 'holders4' }, 'ip saddr @holders4'],
  'called-in': [{ kind: 'called-in', family: 6, set: 'called6' }, 'ct original ip6 daddr @called6'],
  'from-local': [{ kind: 'from-local' }, 'fib saddr type local'],
  'not-from-local': [{ kind: 'not-from-local' }, 'fib saddr type != local'],
  'not-to-interface': [{ kind: 'not-to-interface' }, 'fib daddr . iif type != local'],
  'tcp-syn': [{ kind: 'tcp-syn' }, 'tcp flags syn / syn,rst'],
  'mss-of-route': [{ kind: 'mss-of-route' }, 'tcp option maxseg size set rt mtu'],
  'tcp-neither-syn-nor-rst': [{ kind: 'tcp-neither-syn-nor-rst' }, 'tcp flags ! syn,rst'],
  'service-in': [{ kind: 'service-in', family: 4, set: 'own4' }, 'meta l4proto . ip daddr . th dport @own4'],
  'reject-reset': [{ kind: 'reject-reset' }, 'reject with tcp reset'],
  'reject-port': [{ kind: 'reject-port' }, 'reject'],
  'tcp-dport': [{ kind: 'tcp-dport', port: 9180 }, 'tcp dport 9180'],
  'udp-dport': [{ kind: 'udp-dport', port: 10870 }, 'udp dport 10870'],
  'ct-state': [{ kind: 'ct-state', states: ['established', 'related'] }, 'ct state established,related'],
  'ct-direction': [{ kind: 'ct-direction', direction: 'reply' }, 'ct direction reply'],
  'ct-marked': [{ kind: 'ct-marked' }, 'ct mark != 0x00000000'],
  'connections-over': [
    { kind: 'connections-over', family: 6, set: 'clients6', limit: 4000 },
    'add @clients6 { ip6 saddr . meta l4proto . ip6 daddr . th dport ct count over 4000 }',
  ],
  'source-over': [
    { kind: 'source-over', family: 6, set: 'health6', limit: 64 },
    'add @health6 { ip6 saddr ct count over 64 }',
  ],
  counter: [{ kind: 'counter' }, 'counter'],
  'ct-mark-bits-in': [
    { kind: 'ct-mark-bits-in', mask: 0x7fffffff, set: 'received' },
    'ct mark & 0x7fffffff == @received',
  ],
  'ct-mark-from-on': [{ kind: 'ct-mark-from-on', mark: 0x80000000 }, 'ct mark >= 0x80000000'],
  'ct-mark-keep': [{ kind: 'ct-mark-keep', mask: 0x7fffffff }, 'ct mark set ct mark & 0x7fffffff'],
  'l4proto-in': [{ kind: 'l4proto-in', set: 'held' }, 'meta l4proto @held'],
  'ct-mark-in': [{ kind: 'ct-mark-in', set: 'sent' }, 'ct mark @sent'],
  'ct-mark-from': [{ kind: 'ct-mark-from', map: 'marks4' }, 'ct mark set meta l4proto . th dport map @marks4'],
  'port-in': [{ kind: 'port-in', set: 'spread4' }, 'meta l4proto . th dport @spread4'],
  'ct-mark-bucket': [
    { kind: 'ct-mark-bucket', family: 6, modulus: 64, seed: 0x1f, offset: 0x80000000 },
    'ct mark set jhash ip6 saddr mod 64 seed 0x1f offset 2147483648',
  ],
  'ct-mark-from-bucket': [
    { kind: 'ct-mark-from-bucket', map: 'buckets4' },
    'ct mark set meta l4proto . th dport . ct mark map @buckets4',
  ],
  'dnat-from-mark': [
    { kind: 'dnat-from-mark', family: 6, map: 'targets6' },
    'dnat ip6 to meta l4proto . th dport . ct mark map @targets6',
  ],
  'ct-mark': [{ kind: 'ct-mark', mark: 0x2710 }, 'ct mark set 0x00002710'],
  'dnat-from': [
    { kind: 'dnat-from', family: 6, map: 'redirect6' },
    'dnat ip6 to meta l4proto . th dport map @redirect6',
  ],
  dnat: [{ kind: 'dnat', address: ip('203.0.113.99') }, 'dnat ip to 203.0.113.99'],
  'dnat-from-service': [
    { kind: 'dnat-from-service', family: 4, map: 'services4' },
    'dnat ip to ip daddr . meta l4proto . th dport map @services4',
  ],
  masquerade: [{ kind: 'masquerade' }, 'masquerade fully-random'],
  snat: [{ kind: 'snat', address: ip('2001:db8::99') }, 'snat ip6 to 2001:db8::99 fully-random'],
  accept: [{ kind: 'accept' }, 'accept'],
  drop: [{ kind: 'drop' }, 'drop'],
  return: [{ kind: 'return' }, 'return'],
};

test.each(Object.values<readonly [NftStatement, string]>(ROWS))('%j', (statement, text) => {
  expect(nftRuleText([statement])).toBe(text);
});

test('a rule is its statements from left to right', () => {
  expect(nftRuleText([ROWS.iifname[0], ROWS['ct-mark-in'][0], ROWS.accept[0]])).toBe(
    'iifname "eth0" ct mark @sent accept',
  );
});

test.each([
  [-150, 'mangle'],
  [-100, 'dstnat'],
  [100, 'srcnat'],
  [0, 'filter'],
  [5, '5'],
  [-5, '-5'],
])('a priority of %i is called %s', (priority, name) => {
  expect(nftChainTypeText({ type: 'filter', hook: 'input', priority, policy: 'drop' })).toBe(
    `type filter hook input priority ${name}; policy drop;`,
  );
});
