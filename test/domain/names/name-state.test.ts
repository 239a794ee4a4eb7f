import type { AddressPolicy } from '../../../src/domain/names/address-policy';
import type { NameAnswer, NameFailure } from '../../../src/domain/names/name-answer';
import { resolutionOf } from '../../../src/domain/names/name-resolution';
import {
  afterAnswer,
  afterPolicy,
  afterTime,
  MOST_ADDRESSES,
  type NameState,
  nextEvent,
  unresolved,
} from '../../../src/domain/names/name-state';
import { type Cidr, parseCidr } from '../../../src/domain/values/cidr';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

const ANY: AddressPolicy = { reserved: [], cluster: [] };
const SECOND = 1000;

const address = (text: string) => parseIpAddress(text) as IpAddress;
const answer = (ttl: number, ...texts: string[]): NameAnswer => ({ addresses: texts.map(address), ttl });
const failure = (reason: NameFailure): NameAnswer => ({ failure: reason });
const held = (state: NameState) => state.held.map((one) => one.address.text);

/** The state after an answer `seconds` after the start. */
function at(state: NameState, seconds: number, given: NameAnswer, policy = ANY): NameState {
  return afterAnswer(state, given, { now: seconds * SECOND, policy, random: 0 });
}

const START = unresolved(0);

test.each([
  [0, 5],
  [1, 5],
  [30, 30],
  [86_400, 300],
  // Its highest bit is set.
  [0x80000000, 5],
])('after a TTL of %d seconds, the next question is due in %d', (ttl, seconds) => {
  const state = at(START, 100, answer(ttl, '203.0.113.1'));
  expect(state.nextQuestion).toBe((100 + seconds) * SECOND);
  const late = afterAnswer(START, answer(ttl, '203.0.113.1'), { now: 0, policy: ANY, random: 0.999 });
  expect(late.nextQuestion).toBeGreaterThan(seconds * SECOND);
  expect(late.nextQuestion).toBeLessThan((seconds + 0.5) * SECOND);
});

test.each(['nxdomain', 'empty', 'servfail', 'refused', 'timeout', 'unreachable', 'malformed', 'loop'] as const)(
  'after %s the last good answer stays, questions become rarer, and the next good answer ends that',
  (reason) => {
    let state = at(START, 0, answer(30, '203.0.113.1'));
    let now = 30;
    const waits: number[] = [];
    for (let failures = 0; failures < 10; failures++) {
      state = at(state, now, failure(reason));
      waits.push(state.nextQuestion / SECOND - now);
      now = state.nextQuestion / SECOND;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120, 120]);
    expect(held(state)).toEqual(['203.0.113.1']);
    expect(state).toMatchObject({ lastFailure: reason, failures: 10 });
    expect(resolutionOf([state])).toEqual({ kind: 'stale', since: 30 * SECOND });
    state = at(state, now, answer(30, '203.0.113.2'));
    expect(held(state)).toEqual(['203.0.113.2']);
    expect(resolutionOf([state])).toEqual({ kind: 'resolved' });
    expect(state).toMatchObject({ failures: 0 });
  },
);

test('a name that fails for a day keeps its addresses', () => {
  let state = at(START, 0, answer(1, '203.0.113.1', '203.0.113.2'));
  for (let now = 5; now < 86_400; now = state.nextQuestion / SECOND) state = at(state, now, failure('timeout'));
  expect(held(afterTime(state, 86_400 * SECOND))).toEqual(['203.0.113.1', '203.0.113.2']);
  expect(state.failures).toBeLessThan(86_400 / 100);
});

test('an answer of one address replaces all at once', () => {
  const state = at(at(START, 0, answer(5, '203.0.113.1', '203.0.113.2')), 5, answer(5, '203.0.113.3'));
  expect(held(state)).toEqual(['203.0.113.3']);
});

test('an address that answers of several leave out stays for its TTL, and at least 30 seconds', () => {
  const short = at(at(START, 0, answer(1, '203.0.113.1', '203.0.113.2')), 5, answer(1, '203.0.113.2', '203.0.113.3'));
  expect(held(short)).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  expect(held(afterTime(short, 29_999))).toContain('203.0.113.1');
  expect(held(afterTime(short, 30_000))).toEqual(['203.0.113.2', '203.0.113.3']);
  // Without questions in between, its end is an event of its own.
  expect(nextEvent({ ...short, nextQuestion: 40_000 })).toBe(30_000);
  // After its TTL, it goes with the answer.
  const long = at(at(START, 0, answer(60, '203.0.113.1', '203.0.113.2')), 60, answer(60, '203.0.113.2', '203.0.113.3'));
  expect(held(long)).toEqual(['203.0.113.2', '203.0.113.3']);
});

test('an address that comes back in time stays, and while questions fail the absent ones still go', () => {
  let state = at(START, 0, answer(5, '203.0.113.1', '203.0.113.2'));
  state = at(state, 5, answer(5, '203.0.113.2', '203.0.113.3'));
  state = at(state, 29, answer(5, '203.0.113.1', '203.0.113.3'));
  expect(held(afterTime(state, 34_999))).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  expect(held(at(state, 35, failure('timeout')))).toEqual(['203.0.113.1', '203.0.113.3']);
});

test('answers of 4 out of 60 addresses in turn settle on all of them', () => {
  const all = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 1}`);
  let state = START;
  const counts: number[] = [];
  for (let turn = 0; turn < 60; turn++) {
    state = at(state, turn, answer(1, ...[0, 1, 2, 3].map((place) => all[(turn * 4 + place) % 60]!)));
    counts.push(state.held.length);
  }
  expect(counts.slice(0, 3)).toEqual([4, 8, 12]);
  expect(counts.slice(15)).toEqual(new Array(45).fill(60));
});

test('at most 64 addresses are held, each once, whatever the order of the answer', () => {
  const many = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 1}`);
  const state = at(START, 0, answer(5, ...many));
  expect(state.held).toHaveLength(MOST_ADDRESSES);
  expect(held(at(START, 0, answer(5, ...many, ...[...many].reverse())))).toEqual(held(state));
  expect(at(state, 5, answer(5, '198.51.100.1', '198.51.100.2')).held).toHaveLength(MOST_ADDRESSES);
});

test('refused addresses are shown, and an answer of them alone is a failure', () => {
  const policy: AddressPolicy = { ...ANY, cluster: [parseCidr('10.96.0.0/12') as Cidr] };
  const some = at(START, 0, answer(5, '203.0.113.1', '10.96.0.7', '127.0.0.1'), policy);
  expect(held(some)).toEqual(['203.0.113.1']);
  const shown = (state: NameState) => state.refused.map((one) => `${one.address.text} ${one.reason}`);
  expect(shown(some)).toEqual(['10.96.0.7 cluster', '127.0.0.1 loopback']);
  const all = at(some, 5, answer(5, '10.96.0.7'), policy);
  expect(held(all)).toEqual(['203.0.113.1']);
  expect(shown(all)).toEqual(['10.96.0.7 cluster']);
  expect(all.lastFailure).toBe('refused-addresses');
  expect(shown(at(all, 6, failure('timeout')))).toEqual([]);
});

test('another policy drops what it refuses, and asks at once where it may accept more', () => {
  const state = at(START, 0, answer(60, '203.0.113.1', '198.51.100.1'));
  const narrow = afterPolicy(state, { ...ANY, allowed: [parseCidr('203.0.113.0/24') as Cidr] }, 9 * SECOND);
  expect(held(narrow)).toEqual(['203.0.113.1']);
  expect(narrow.nextQuestion).toBe(60 * SECOND);
  const none = afterPolicy(state, { ...ANY, allowed: [] }, 9 * SECOND);
  expect(none).toMatchObject({ held: [], nextQuestion: 9 * SECOND });
  const refused = at(START, 0, answer(60, '203.0.113.1', '127.0.0.1'));
  expect(afterPolicy(refused, ANY, 9 * SECOND).nextQuestion).toBe(9 * SECOND);
  expect(afterPolicy({ ...none, nextQuestion: Number.POSITIVE_INFINITY }, ANY, 1).nextQuestion).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test('a name is resolved by one family, and never resolved without an address', () => {
  const resolved = at(START, 0, answer(5, '203.0.113.1'));
  const empty = at(START, 0, failure('empty'));
  expect(resolutionOf([resolved, empty])).toEqual({ kind: 'resolved' });
  expect(resolutionOf([empty, START])).toEqual({ kind: 'never' });
  expect(resolutionOf([resolved, at(at(START, 0, answer(5, '2001:db8::1')), 7, failure('servfail'))])).toEqual({
    kind: 'stale',
    since: 7 * SECOND,
  });
});

test('after any answers at any times, the addresses are good, bounded, ordered, and those of the last answer', () => {
  const random = new Random(29);
  const policy: AddressPolicy = { ...ANY, cluster: [parseCidr('203.0.113.128/25') as Cidr] };
  for (let round = repetitions(100, 1000); round > 0; round--) {
    let state = START;
    for (let now = 0, step = 0; step < 30; step++, now += random.below(40_000)) {
      const before = afterTime(state, now);
      const texts = Array.from({ length: 1 + random.below(MOST_ADDRESSES) }, () => `203.0.113.${random.below(256)}`);
      const given = random.once(3) ? failure('timeout') : answer(random.below(100), ...texts);
      state = afterAnswer(before, given, { now, policy, random: random.below(100) / 100 });
      expectAddresses(state, 'failure' in given ? [] : [...new Set(texts)].filter(isAccepted), held(before));
      expect(nextEvent(state)).toBeGreaterThan(now);
    }
  }
});

const isAccepted = (text: string) => Number(text.split('.')[3]) < 128;

function expectAddresses(state: NameState, good: readonly string[], before: readonly string[]): void {
  const after = held(state);
  expect(after).toEqual([...new Set(after)].sort());
  expect(after.every(isAccepted)).toBe(true);
  expect(after.length).toBeLessThanOrEqual(MOST_ADDRESSES);
  if (good.length === 0) expect(after).toEqual(before);
  else expect(good.length === 1 ? after : after.filter((text) => good.includes(text))).toEqual([...good].sort());
}
