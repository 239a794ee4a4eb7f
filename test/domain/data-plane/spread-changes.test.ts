import { type MarkedRules, marksOf, NO_RULES } from '../../../src/domain/data-plane/marked-rules';
import type { NftMap, NftSet } from '../../../src/domain/data-plane/nft-table';
import type { NftTableChange } from '../../../src/domain/data-plane/nft-table-change';
import type { AddressesOf, PortSpread } from '../../../src/domain/data-plane/port-spread';
import { routerTable } from '../../../src/domain/data-plane/router-table';
import { routerTableChange } from '../../../src/domain/data-plane/router-table-change';
import { ruleChanges, wantedRules } from '../../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig, type NetworkConfig } from '../../../src/domain/router/network-config';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

interface TestHost {
  readonly name: string;
  readonly ports: readonly string[];
}

function config(hosts: readonly TestHost[], ...destinations: string[]): NetworkConfig {
  return decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    liveRules: true,
    ip: {
      addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
      gateways: ['192.168.12.1', 'fe80::1'],
      destinations,
      hosts,
      resolver: { servers: ['192.168.12.53'], source: 'pod', clusterCidrs: ['10.96.0.0/12'] },
    },
  });
}

const addresses = (...texts: string[]) => texts.map((text) => parseIpAddress(text) as IpAddress);

const BANK = { name: 'api.bank.example', ports: ['20443 TCP 443'] };
const [ONE, TWO] = ['203.0.113.1', '203.0.113.2'];

/** The change to these hosts with these addresses of IPv4. */
function step(inForce: MarkedRules, wanted: NetworkConfig, texts: readonly string[] | undefined) {
  const known = texts && addresses(...texts);
  return ruleChanges(
    inForce,
    wantedRules(wanted, (_, family) => (family === 4 ? known : undefined)),
  );
}

const marksIn = (marked: readonly { readonly mark: number }[]) => marked.map(({ mark }) => mark);

const texts = (targets: PortSpread['targets']) => targets.map(({ address: { text }, mark }) => `${mark} ${text}`);

function spreadOf({ spreads }: MarkedRules): PortSpread {
  return spreads.find(({ family }) => family === 4)!;
}

test('a host comes without addresses: its port is new, once for each family, and no element leads anywhere', () => {
  const changes = step(NO_RULES, config([BANK]), undefined);
  expect(changes.count).toBe(2);
  expect(changes.newPorts.spreads).toHaveLength(2);
  expect(marksOf(changes.after)).toEqual([]);
  const { add } = routerTableChange(config([BANK]), INTERFACES, changes);
  expect(add.map(({ name }) => name)).toEqual(['spread4', 'spread6']);
});

test('addresses come and leave, and are not counted as rules', () => {
  const empty = step(NO_RULES, config([BANK]), undefined).after;
  const came = step(empty, config([BANK]), [ONE]);
  expect([came.count, marksIn(came.freed), came.newPorts.spreads.length]).toEqual([0, [], 1]);
  const moved = step(came.after, config([BANK]), [TWO]);
  expect([moved.count, marksIn(moved.freed), moved.newPorts.spreads.length]).toEqual([0, [], 0]);
  expect(texts(spreadOf(moved.after).retired)).toEqual([`1 ${ONE}`]);
  const ended = ruleChanges(moved.after, wantedRules(config([BANK])), moved.lastMark, new Set([1]));
  expect([marksIn(ended.freed), texts(spreadOf(ended.after).targets)]).toEqual([[1], [`2 ${TWO}`]]);
});

test('a host without an answer keeps its addresses', () => {
  const inForce = step(NO_RULES, config([BANK]), [ONE]).after;
  const changes = step(inForce, config([BANK, { name: 'other.example', ports: ['20444 TCP 443'] }]), undefined);
  expect(texts(spreadOf(changes.after).targets)).toEqual([`1 ${ONE}`]);
  expect([changes.count, changes.removed.spreads]).toEqual([2, []]);
});

test.each([
  ['goes', []],
  ['leads to another port', [{ ...BANK, ports: ['20443 TCP 8443'] }]],
  ['is in the place of another', [{ ...BANK, name: 'other.example' }]],
])('the connections of a host that %s are cut', (_, hosts) => {
  const inForce = step(NO_RULES, config([BANK]), [ONE]).after;
  const { freed, after } = step(inForce, config(hosts, ONE), undefined);
  expect(marksIn(freed)).toEqual([1]);
  expect(after.spreads.flatMap(({ targets, retired }) => [...targets, ...retired])).toEqual([]);
});

test("a port of the kernel's table keeps its host's addresses", () => {
  const inForce = step(NO_RULES, config([BANK]), [ONE]).after;
  const { after, count, freed } = step(read(inForce), config([BANK]), undefined);
  expect([count, marksIn(freed), after]).toEqual([0, [], inForce]);
});

test.each([
  ['that names none', undefined],
  ['that names another', 'other.example'],
])("a port of the kernel's table %s gets its host's name, and no addresses", (_, host) => {
  const inForce = step(NO_RULES, config([BANK]), [ONE]).after;
  const others = { ...inForce, spreads: read(inForce).spreads.map((each) => ({ ...each, host })) };
  const changes = step(others, config([BANK]), undefined);
  expect(marksIn(changes.freed)).toEqual([1]);
  expect(changes.after.spreads.map(({ host, targets }) => ({ host, targets }))).toEqual([
    { host: BANK.name, targets: [] },
    { host: BANK.name, targets: [] },
  ]);
  const { remove, add } = routerTableChange(config([BANK]), INTERFACES, changes);
  const port = { protocol: 'TCP', port: 20443 };
  for (const [sets, comment] of [
    [remove, host],
    [add, BANK.name],
  ] as const) {
    expect(sets.filter(({ kind }) => kind === 'ports')).toEqual([
      { kind: 'ports', name: 'spread4', elements: [{ ...port, comment }] },
      { kind: 'ports', name: 'spread6', elements: [{ ...port, comment }] },
    ]);
  }
});

/** As the kernel's table has them: the partner's port stands with each destination. */
function read(marked: MarkedRules): MarkedRules {
  const spreads = marked.spreads.map((each) => ({ ...each, targetPort: each.targets.length === 0 ? 0 : 443 }));
  return { ...marked, spreads };
}

const INTERFACES = { link: 'net1', primary: 'eth0' };
const SERVERS = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5'];
const RULES = [['20447 TCP 203.0.113.1 443'], ['20448 SCTP 203.0.113.1 443', '203.0.113.99']];
const SERVERS6 = ['2001:db8:113::1', '2001:db8:113::2'];

function randomHosts(random: Random): TestHost[] {
  const ports = ['20443 TCP 443', '20443 UDP 443', '20444 TCP 443', '20445 SCTP 3868', '20446 TCP 5432'];
  const taken = ports.filter(() => random.once(2));
  return taken.map((port, index) => ({ name: `host-${random.below(3)}-${index}.example`, ports: [port] }));
}

function some(random: Random, texts: readonly string[]): IpAddress[] {
  return addresses(...texts.filter(() => random.once(2)));
}

/** Once in three times an answer for each host and family, any of these servers. */
function randomAnswers(random: Random): AddressesOf {
  const answers = new Map<string, IpAddress[] | undefined>();
  return ({ name }, family) => {
    const key = `${family} ${name}`;
    const servers = family === 4 ? SERVERS : SERVERS6;
    if (!answers.has(key)) answers.set(key, random.once(3) ? some(random, servers) : undefined);
    return answers.get(key);
  };
}

function randomlyEnded(random: Random, { spreads }: MarkedRules): ReadonlySet<number> {
  return new Set(spreads.flatMap(({ retired }) => retired.filter(() => random.once(4)).map(({ mark }) => mark)));
}

/** The elements of the table that is made anew. */
function wholeTable(wanted: NetworkConfig, inForce: MarkedRules): Map<string, string> {
  const { maps, sets } = routerTable(wanted, 'net1', 'eth0', inForce);
  return new Map([...maps, ...sets].flatMap(elementsOf).sort());
}

test('after any answers, hosts and ended connections the table is the one that is made anew', () => {
  const random = new Random(18);
  let inForce = NO_RULES;
  let lastMark = 0;
  let wanted = config([], '20447 TCP 203.0.113.1');
  const table = wholeTable(config([BANK]), NO_RULES);
  for (let change = repetitions(600, 6000); change > 0; change--) {
    if (random.once(6)) wanted = config(randomHosts(random), ...random.oneOf(RULES));
    const answers = wantedRules(wanted, randomAnswers(random));
    const changes = ruleChanges(inForce, answers, lastMark, randomlyEnded(random, inForce));
    apply(table, routerTableChange(wanted, INTERFACES, changes));
    inForce = changes.after;
    lastMark = changes.lastMark;
    expect(new Map([...table].sort())).toEqual(wholeTable(wanted, inForce));
    const marks = marksOf(inForce);
    expect(new Set(marks).size).toBe(marks.length);
    expect(changes.freed.filter(({ mark }) => marks.includes(mark))).toEqual([]);
    for (const { targets, retired } of inForce.spreads) {
      const held = targets.map(({ address: { text } }) => text);
      expect(retired.filter(({ address: { text } }) => held.includes(text))).toEqual([]);
    }
  }
});

/** Deletes and adds elements as the kernel does, which refuses what is missing or has another value already. */
function apply(table: Map<string, string>, { remove, add }: NftTableChange): void {
  for (const [key] of remove.flatMap(elementsOf)) if (!table.delete(key)) throw new Error(`${key} is missing`);
  for (const [key, value] of add.flatMap(elementsOf)) {
    if ((table.get(key) ?? value) !== value) throw new Error(`${key} is ${table.get(key)} already`);
    table.set(key, value);
  }
}

/** Key and value of each element. */
function elementsOf(set: NftMap | NftSet): [key: string, value: string][] {
  switch (set.kind) {
    case 'mark':
      return set.elements.map(({ protocol, port, mark }) => [`${set.name} ${protocol} ${port}`, `${mark}`]);
    case 'target':
      return set.elements.map(({ protocol, port, address, targetPort }) => [
        `${set.name} ${protocol} ${port}`,
        `${address.text} ${targetPort}`,
      ]);
    case 'bucket':
      return set.elements.map(({ protocol, port, bucket, mark }) => [
        `${set.name} ${protocol} ${port} ${bucket}`,
        `${mark}`,
      ]);
    case 'mark-target':
      return set.elements.map(({ protocol, port, mark, address, targetPort }) => [
        `${set.name} ${protocol} ${port} ${mark}`,
        `${address.text} ${targetPort}`,
      ]);
    case 'marks':
      return set.marks.map((mark) => [`${set.name} ${mark}`, '']);
    case 'services':
      return set.elements.map(({ protocol, address, port }) => [`${set.name} ${protocol} ${address.text} ${port}`, '']);
    case 'ports':
      return set.elements.map(({ protocol, port, comment }) => [`${set.name} ${protocol} ${port}`, comment ?? '']);
    default:
      return [];
  }
}
