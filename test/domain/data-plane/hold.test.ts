import { dataPlane } from '../../../src/domain/data-plane/data-plane';
import { settingReason, tablePartReason } from '../../../src/domain/data-plane/data-plane-reasons';
import { heldMark, isHeld, ruleMark } from '../../../src/domain/data-plane/held-mark';
import { nftRuleText } from '../../../src/domain/data-plane/nft-table-text';
import { routerTable } from '../../../src/domain/data-plane/router-table';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const config = (more: object = {}) =>
  decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
    ...more,
  });

const ALONE = config();
const PAIR = config({ formatVersion: 2, standbyMac: 'e6:65:c0:a8:0c:63' });

const rulesOf = (router: typeof ALONE, name: string) =>
  routerTable(router, 'net1', 'eth0')
    .chains.find((chain) => chain.name === name)!
    .rules.map(nftRuleText);

test('a held mark is above that of every rule, and stands for one of them', () => {
  for (const mark of [1, 0x7fffffff]) {
    expect([isHeld(mark), isHeld(heldMark(mark)), ruleMark(heldMark(mark)), ruleMark(mark)]).toEqual([
      false,
      true,
      mark,
      mark,
    ]);
  }
});

test('answers of held connections wait while the hold lasts, and a packet of the client ends it for its connection', () => {
  expect(rulesOf(PAIR, 'forward')).toEqual([
    'iifname "eth0" oifname "net1" ct direction original ct mark >= 0x80000000 ct mark set ct mark & 0x7fffffff',
    'iifname "net1" oifname "eth0" ct direction reply ct mark >= 0x80000000 meta l4proto @held drop',
    'iifname "eth0" oifname "net1" ct direction original ct mark @sent accept',
    'iifname "net1" oifname "eth0" ct direction reply ct mark & 0x7fffffff == @received accept',
  ]);
});

test('while the hold lasts, nothing answers a server whose connection is not known', () => {
  const rules = rulesOf(PAIR, 'input');
  const hold = rules.indexOf('iifname "net1" ct state new meta l4proto @held drop');
  expect(hold).toBeGreaterThan(0);
  expect(rules.slice(hold + 1).filter((rule) => rule.includes('reject'))).toHaveLength(3);
  expect(rules.slice(0, hold).filter((rule) => rule.includes('reject'))).toEqual([]);
});

test('a router of one pod has nothing of it', () => {
  const [alone, pair] = [ALONE, PAIR].map((router) => dataPlane(router, 'net1', 'eth0'));
  const names = ({ table }: NonNullable<typeof alone>) => table.sets.map(({ name }) => name);
  expect(names(pair!).filter((name) => !names(alone!).includes(name))).toEqual(['held']);
  expect(rulesOf(ALONE, 'forward').join('\n')).not.toMatch(/held|>=|&/);
  expect(rulesOf(ALONE, 'input').join('\n')).not.toMatch(/held/);
  const added = pair!.sysctls.filter(({ path }) => !alone!.sysctls.some((each) => each.path === path));
  expect(added).toEqual([{ path: 'net/netfilter/nf_conntrack_events', value: '1', isOptional: true }]);
  expect(settingReason(added[0]!)).toMatch(/standby/);
  expect(tablePartReason('held')).toBeDefined();
});
