import { type MarkedRules, markedByPlace, marksOf, NO_RULES } from '../../../src/domain/data-plane/marked-rules';
import type { NftMap, NftSet } from '../../../src/domain/data-plane/nft-table';
import { routerTable } from '../../../src/domain/data-plane/router-table';
import { routerTableChange } from '../../../src/domain/data-plane/router-table-change';
import { ruleChanges as changesTo, wantedRules } from '../../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig, type NetworkConfig } from '../../../src/domain/router/network-config';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

function config(...destinations: string[]): NetworkConfig {
  const ip = {
    addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
    destinations,
  };
  return decodeNetworkConfig({ name: 'partners', type: 'egress-router', ip, healthPort: 9180 });
}

const ruleChanges = (inForce: MarkedRules, wanted: NetworkConfig, lastMark?: number) =>
  changesTo(inForce, wantedRules(wanted), lastMark);

const WEB = '443 TCP 203.0.113.26';
const DNS = '53 UDP 203.0.113.53';
const DNS6 = '53 UDP 2001:db8:113::53';

const marksIn = (marked: readonly { readonly mark: number }[]) => marked.map(({ mark }) => mark);

const marked = (...destinations: string[]) => markedByPlace(config(...destinations));

test('equal rules in any order change nothing', () => {
  expect(ruleChanges(marked(WEB, DNS, '203.0.113.99'), config('203.0.113.99', DNS, WEB))).toMatchObject({
    count: 0,
    removed: NO_RULES,
    added: NO_RULES,
    freed: [],
    newPorts: NO_RULES,
    lastMark: 3,
  });
});

test('a rule that is added gets a new mark, and the others keep theirs', () => {
  const { after, added, removed, newPorts, count, freed } = ruleChanges(marked(WEB), config(DNS, WEB));
  expect(after.rules.map(({ rule, mark }) => [rule.port, mark])).toEqual([
    [53, 2],
    [443, 1],
  ]);
  expect(marksOf(added)).toEqual([2]);
  expect(removed.rules).toEqual([]);
  expect(newPorts).toEqual(added);
  expect([count, marksIn(freed)]).toEqual([1, []]);
});

test('the same port of another family is another rule', () => {
  const { added, removed } = ruleChanges(marked(DNS), config(DNS, DNS6));
  expect(added.rules.map(({ rule }) => rule.destination.text)).toEqual(['2001:db8:113::53']);
  expect(removed.rules).toEqual([]);
});

test('a rule that is removed frees its mark', () => {
  const { removed, newPorts, count, freed } = ruleChanges(marked(WEB, DNS), config(DNS));
  expect(removed.rules.map(({ rule }) => rule.port)).toEqual([443]);
  expect([count, marksIn(freed), marksOf(newPorts)]).toEqual([1, [1], []]);
});

test.each([
  ['destination', '443 TCP 203.0.113.27'],
  ['target port', '443 TCP 203.0.113.26 8443'],
])('a rule with another %s changes once, and has another mark', (_, elsewhere) => {
  const { after, newPorts, count, freed } = ruleChanges(marked(WEB, DNS), config(elsewhere, DNS));
  expect(marksOf(after)).toEqual([3, 2]);
  // That port had no rejected connections before.
  expect([count, marksIn(freed), marksOf(newPorts)]).toEqual([1, [1], []]);
});

test('a fallback comes, leads elsewhere, and goes', () => {
  const came = ruleChanges(marked(WEB), config(WEB, '203.0.113.99'));
  expect([came.count, marksIn(came.freed), marksOf(came.newPorts), marksOf(came.after)]).toEqual([1, [], [2], [1, 2]]);
  const moved = ruleChanges(came.after, config(WEB, '203.0.113.98'));
  expect([moved.count, marksIn(moved.freed), marksOf(moved.newPorts), marksOf(moved.after)]).toEqual([
    1,
    [2],
    [],
    [1, 3],
  ]);
  const gone = ruleChanges(moved.after, config(WEB));
  expect([gone.count, marksIn(gone.freed), marksOf(gone.newPorts), marksOf(gone.after)]).toEqual([1, [3], [], [1]]);
});

test('a freed mark is not used again as long as there are others', () => {
  let inForce = marked(WEB);
  let lastMark = 1;
  const given: number[] = [];
  for (const port of [1, 2, 3, 4]) {
    const changes = ruleChanges(inForce, config(WEB, `${port} TCP 203.0.113.26`), lastMark);
    ({ after: inForce, lastMark } = changes);
    given.push(...marksOf(changes.added));
  }
  expect(given).toEqual([2, 3, 4, 5]);
});

test('behind the highest mark comes the lowest that is free, and never 0', () => {
  const { added, lastMark } = ruleChanges(marked(WEB), config(WEB, DNS, DNS6), 0x7ffffffe);
  expect(marksOf(added)).toEqual([0x7fffffff, 2]);
  expect(lastMark).toBe(2);
});

test('only chains that name the fallback are made anew, and only for another fallback', () => {
  const interfaces = { link: 'net1', primary: 'eth0' };
  const rules = ruleChanges(marked(WEB), config(WEB, DNS));
  expect(routerTableChange(config(WEB, DNS), interfaces, rules)).toMatchObject({ remove: [], chains: [] });
  const sets = (mark: number) =>
    ['sent', 'received'].map((name) => ({ kind: 'marks', name, counter: false, marks: [mark] }));
  const fallback = ruleChanges(marked(WEB, '203.0.113.99'), config(WEB, '203.0.113.98'));
  const { remove, add, chains } = routerTableChange(config(WEB), interfaces, fallback);
  expect(remove).toEqual(sets(2));
  expect(add).toEqual(sets(3));
  const whole = routerTable(config(WEB), 'net1', 'eth0', fallback.after);
  expect(chains.map(({ name }) => name)).toEqual(['prerouting', 'output']);
  expect(whole.chains).toEqual(expect.arrayContaining([...chains]));
});

const INTERFACES = { link: 'net1', primary: 'eth0' };
const ALSO_WEB = '8443 TCP 203.0.113.26 443';

/** The change of what the pod itself may reach, as `+` and `-` with protocol, address and port. */
function ownChange(before: NetworkConfig, after: NetworkConfig): string[] {
  const { remove, add } = routerTableChange(after, INTERFACES, ruleChanges(markedByPlace(before), after));
  const services = (sign: string, sets: typeof add) =>
    sets.flatMap((set) =>
      set.kind === 'services'
        ? set.elements.map(({ protocol, address, port }) => `${sign}${protocol} ${address.text} ${port}`)
        : [],
    );
  return [...services('-', remove), ...services('+', add)];
}

test('the pod itself may reach the destination of a rule as long as one rule has it', () => {
  expect(ownChange(config(WEB), config(WEB, DNS6))).toEqual(['+UDP 2001:db8:113::53 53']);
  expect(ownChange(config(WEB, ALSO_WEB), config(WEB))).toEqual([]);
  expect(ownChange(config(WEB, ALSO_WEB, DNS), config(DNS))).toEqual(['-TCP 203.0.113.26 443']);
});

test('the question to the gateway stays when a rule with the same service goes', () => {
  expect(ownChange(config(WEB, '9 UDP 192.168.12.1'), config(WEB))).toEqual([]);
});

test('without a gateway each destination may be asked whether it answers', () => {
  const onLink = (...destinations: string[]) =>
    decodeNetworkConfig({
      name: 'partners',
      type: 'egress-router',
      ip: { addresses: ['192.168.12.99/24'], destinations },
    });
  expect(ownChange(onLink('443 TCP 192.168.12.7'), onLink('443 TCP 192.168.12.7', '443 UDP 192.168.12.8'))).toEqual([
    '+UDP 192.168.12.8 443',
    '+UDP 192.168.12.8 9',
  ]);
});

/** Ports, and where they lead. */
function randomConfig(random: Random): NetworkConfig {
  const rules = new Set(Array.from({ length: random.below(12) }, () => 1 + random.below(8)));
  const server = () => random.oneOf(['203.0.113.26', '203.0.113.27', '2001:db8:113::26']);
  return config(
    WEB,
    ...[...rules].map((port) => `${port} ${random.oneOf(['TCP', 'UDP', 'SCTP'])} ${server()} ${1 + random.below(3)}`),
    ...(random.once(2) ? [random.oneOf(['203.0.113.98', '203.0.113.99'])] : []),
    ...(random.once(2) ? ['2001:db8:113::99'] : []),
  );
}

/** What a change is meant to do, done slowly: elements out, elements in. */
function elementsAfter(inForce: MarkedRules, { removed, added }: ReturnType<typeof ruleChanges>): string[] {
  const texts = ({ rules, fallbacks }: MarkedRules) => [...rules, ...fallbacks].map((each) => JSON.stringify(each));
  const gone = new Set(texts(removed));
  return [...texts(inForce).filter((text) => !gone.has(text)), ...texts(added)].sort();
}

test('after any number of changes the rules are those that are wanted, with marks of their own', () => {
  const random = new Random(6);
  let inForce = marked(WEB);
  let lastMark = 1;
  const count = repetitions(400, 2000);
  for (let change = 0; change < count; change++) {
    const wanted = randomConfig(random);
    const changes = ruleChanges(inForce, wanted, lastMark);
    const { after } = changes;
    expect(after.rules.map(({ rule }) => rule)).toEqual(wanted.rules);
    expect(after.fallbacks.map(({ address }) => address)).toEqual(wanted.fallbacks);
    expect(new Set(marksOf(after)).size).toBe(wanted.rules.length + wanted.fallbacks.length);
    expect(marksOf(after)).not.toContain(0);
    expect(elementsAfter(inForce, changes)).toEqual(
      [...after.rules, ...after.fallbacks].map((each) => JSON.stringify(each)).sort(),
    );
    expect(changes.freed.filter(({ mark }) => marksOf(after).includes(mark))).toEqual([]);
    expect(ownAfter(inForce, wanted, changes)).toEqual(ownServicesOf(wanted, after));
    inForce = after;
    lastMark = changes.lastMark;
  }
});

/** In the table as it is made anew. */
function ownServicesOf(wanted: NetworkConfig, marks: MarkedRules): string[] {
  const { sets } = routerTable(wanted, 'net1', 'eth0', marks);
  return sets.flatMap(serviceTexts).sort();
}

/** In the table that is changed. */
function ownAfter(inForce: MarkedRules, wanted: NetworkConfig, changes: ReturnType<typeof ruleChanges>): string[] {
  const { remove, add } = routerTableChange(wanted, INTERFACES, changes);
  const services = new Set(ownServicesOf(wanted, inForce));
  for (const service of remove.flatMap(serviceTexts)) {
    // The kernel refuses to delete what is not there.
    expect(services.delete(service)).toBe(true);
  }
  for (const service of add.flatMap(serviceTexts)) services.add(service);
  return [...services].sort();
}

function serviceTexts(set: NftMap | NftSet): string[] {
  return set.kind === 'services' ? set.elements.map((each) => JSON.stringify(each)) : [];
}
