import type { AddressQuestion } from '../../../../cni/serve/names/dns-message';
import { NameWatch, type WatchedName } from '../../../../cni/serve/names/name-watch';
import { QuestionQueue } from '../../../../cni/serve/names/question-queue';
import { addTo } from '../../../../src/domain/input/collections';
import type { AddressPolicy } from '../../../../src/domain/names/address-policy';
import type { NameAnswer } from '../../../../src/domain/names/name-answer';
import { type Cidr, parseCidr } from '../../../../src/domain/values/cidr';
import { type IpAddress, parseIpAddress } from '../../../../src/domain/values/ip-address';
import { Random } from '../../../support/random';

const ANY: AddressPolicy = { reserved: [], cluster: [] };
const SECOND = 1000;

const answer = (ttl: number, ...texts: string[]): NameAnswer => ({
  addresses: texts.map((text) => parseIpAddress(text) as IpAddress),
  ttl,
});

/** A watch on a clock of the test, with a resolver whose answers it decides. */
class Bench implements Disposable {
  public readonly asked: AddressQuestion[] = [];
  /** The addresses of `a.example` after each change, with the second. */
  public readonly changes: string[] = [];
  public answers: (question: AddressQuestion) => NameAnswer | Promise<NameAnswer> = () => answer(5, '203.0.113.1');
  public readonly watch: NameWatch;
  /** How late a question is, from 0 up to, and without, 1. */
  public chance = 0;

  public constructor() {
    jest.useFakeTimers({ now: 0 });
    const ask = async (question: AddressQuestion) => {
      this.asked.push(question);
      return this.answers(question);
    };
    const clock = { now: () => Date.now(), random: () => this.chance };
    this.watch = new NameWatch({ ask }, () => this.changes.push(`${Date.now() / SECOND}: ${this.addresses}`), clock);
  }

  public get addresses(): string {
    return this.watch
      .addressesOf('a.example', 4)
      .map(({ text }) => text)
      .join(' ');
  }

  public async pass(seconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(seconds * SECOND);
  }

  public [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
    jest.useRealTimers();
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench[Symbol.dispose]());

const A: WatchedName = { name: 'a.example', families: [4], policy: ANY };

test('a change is in force when the TTL ends, and a name without changes reports none', async () => {
  bench.watch.watch([A]);
  await bench.pass(62);
  expect(bench.changes).toEqual(['0: 203.0.113.1']);
  expect(bench.asked).toHaveLength(13);
  bench.answers = () => answer(30, '203.0.113.2');
  await bench.pass(5);
  expect(bench.changes).toEqual(['0: 203.0.113.1', '65: 203.0.113.2']);
  await bench.pass(27);
  expect(bench.asked).toHaveLength(14);
});

test.each([
  { ttl: 0, counts: 5 },
  { ttl: 1, counts: 5 },
  { ttl: 5, counts: 5 },
  { ttl: 30, counts: 30 },
  { ttl: 86_400, counts: 300 },
])('a change is in force one second after a TTL of $ttl s, which counts as $counts s', async ({ ttl, counts }) => {
  for (const chance of [0, 0.5, 0.999]) {
    using late = new Bench();
    late.chance = chance;
    late.answers = () => answer(ttl, '203.0.113.1');
    late.watch.watch([A]);
    await late.pass(0);
    late.answers = () => answer(ttl, '203.0.113.2');
    await late.pass(counts - 0.001);
    expect(late.asked).toHaveLength(1);
    await late.pass(1.001);
    expect({ chance, asked: late.asked.length, addresses: late.addresses }).toEqual({
      chance,
      asked: 2,
      addresses: '203.0.113.2',
    });
  }
});

test('of a thousand names, each is asked for again within one second of its TTL', async () => {
  const random = new Random(18);
  const asked = new Map<string, number[]>();
  const ask = async ({ name }: AddressQuestion) => {
    addTo(asked, name, Date.now() / SECOND);
    return answer(30, '203.0.113.1');
  };
  using queue = new QuestionQueue({ ask });
  const clock = { now: () => Date.now(), random: () => random.below(1000) / 1000 };
  using watch = new NameWatch(queue, () => {}, clock);
  watch.watch(Array.from({ length: 1000 }, (_, index) => ({ ...A, name: `h${index}.example` })));
  await bench.pass(300);
  const waits = [...asked.values()].flatMap((times) => times.slice(1).map((time, index) => time - times[index]!));
  expect(waits.length).toBeGreaterThan(8000);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...waits)).toBeLessThanOrEqual(31);
});

test('a day of silence costs few questions, is counted, and ends with the first answer', async () => {
  bench.watch.watch([A]);
  await bench.pass(1);
  bench.answers = () => ({ failure: 'timeout' });
  await bench.pass(86_400);
  expect(bench.changes).toEqual(['0: 203.0.113.1']);
  expect(bench.asked.length).toBeLessThan(740);
  const [only] = [...bench.watch];
  expect(only!.outcomes.get('timeout')).toBe(bench.asked.length - 1);
  expect(only!.state.failingSince).toBe(5 * SECOND);
  bench.answers = () => answer(5, '203.0.113.9');
  await bench.pass(121);
  expect(bench.addresses).toBe('203.0.113.9');
  expect(only!.outcomes.get('addresses')).toBeGreaterThan(1);
});

test('an address of a rotating answer goes at the end of its time, without a question', async () => {
  bench.answers = () => answer(20, '203.0.113.1', '203.0.113.2');
  bench.watch.watch([A]);
  await bench.pass(19);
  bench.answers = () => answer(20, '203.0.113.2', '203.0.113.3');
  await bench.pass(20);
  expect(bench.changes.slice(1)).toEqual(['20: 203.0.113.1 203.0.113.2 203.0.113.3', '30: 203.0.113.2 203.0.113.3']);
  expect(bench.asked).toHaveLength(2);
});

test('both families of a name are asked for, by themselves', async () => {
  bench.answers = ({ family }) => (family === 4 ? answer(5, '203.0.113.1') : { failure: 'empty' });
  bench.watch.watch([{ ...A, families: [4, 6] }]);
  await bench.pass(1);
  expect(bench.asked.map(({ family }) => family)).toEqual([4, 6, 6]);
  expect([...bench.watch].map(({ family, state }) => [family, state.held.length])).toEqual([
    [4, 1],
    [6, 0],
  ]);
});

test('names that stay keep their addresses, and those that go are not asked for again', async () => {
  bench.watch.watch([A, { ...A, name: 'b.example' }]);
  await bench.pass(1);
  bench.watch.watch([A, { ...A, name: 'c.example' }]);
  expect(bench.addresses).toBe('203.0.113.1');
  await bench.pass(5);
  expect(bench.asked.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'a', 'c'].map((name) => `${name}.example`));
});

test('an answer to a question from before counts by the policy of now', async () => {
  let answered: (answer: NameAnswer) => void = () => undefined;
  bench.answers = () =>
    new Promise((resolve) => {
      answered = resolve;
    });
  bench.watch.watch([A, { ...A, name: 'gone.example' }]);
  await bench.pass(1);
  bench.watch.watch([{ ...A, policy: { ...ANY, allowed: [parseCidr('198.51.100.0/24') as Cidr] } }]);
  expect(bench.asked).toHaveLength(2);
  answered(answer(5, '203.0.113.1'));
  bench.answers = () => answer(5, '198.51.100.1');
  await bench.pass(10);
  expect(bench.addresses).toBe('');
  expect([...bench.watch]).toHaveLength(1);
});

test('nothing is asked after the end', async () => {
  bench.watch.watch([A]);
  await bench.pass(1);
  bench.watch[Symbol.dispose]();
  await bench.pass(600);
  expect(bench.asked).toHaveLength(1);
});

test('a queue bounds the open questions, and those of a step', async () => {
  let open = 0;
  let most = 0;
  let count = 0;
  const ask = async () => {
    count++;
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 250));
    open--;
    return answer(5, '203.0.113.1');
  };
  using queue = new QuestionQueue({ ask }, { mostOpen: 8, mostPerStep: 5, stepMs: 100 });
  const answers = Array.from({ length: 100 }, (_, index) => queue.ask({ name: `${index}.example`, family: 4 }));
  await jest.advanceTimersByTimeAsync(99);
  expect(count).toBe(5);
  await jest.advanceTimersByTimeAsync(1);
  expect(count).toBe(8);
  await jest.advanceTimersByTimeAsync(5000);
  expect(most).toBe(8);
  expect(await Promise.all(answers)).toHaveLength(100);
});
