import type { CheckResult } from '../../../cni/serve/check-result';
import { Loop } from '../../../cni/serve/loop';
import type { ServePart } from '../../../cni/serve/serve-part';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A loop over these parts, and what it did. */
function looped(...given: readonly Partial<ServePart>[]) {
  const parts = given.map((part) => ({ checks: [], ...part }));
  const turns: (readonly CheckResult[])[] = [];
  const failures: unknown[] = [];
  const loop = new Loop(parts, { found: (results) => turns.push(results), failed: (error) => failures.push(error) });
  return { loop, turns, failures };
}

test('asks, and looks at the answers 600 ms later, once a second', () => {
  const events: string[] = [];
  const start = performance.now();
  const at = (what: string, now: number) => events.push(`${what} ${Math.round(now - start)}`);
  const part: Partial<ServePart> = {
    ask: (now) => at('ask', now),
    check: (now) => {
      at('check', now);
      return [];
    },
  };
  const { loop } = looped(part);
  loop.start();
  jest.advanceTimersByTime(2100);
  expect(events).toEqual(['ask 0', 'check 30', 'ask 430', 'check 1030', 'ask 1430', 'check 2030']);
});

test('takes the results of all parts together, and parts that check nothing', () => {
  const link: Partial<ServePart> = { check: () => [{ name: 'link' }] };
  const gateway: Partial<ServePart> = { check: () => [{ name: 'gateway', problems: ['silent'] }] };
  const { loop, turns } = looped(link, {}, gateway);
  loop.start();
  jest.advanceTimersByTime(100);
  expect(turns).toEqual([[{ name: 'link' }, { name: 'gateway', problems: ['silent'] }]]);
});

test.each(['ask', 'check'] as const)(
  'a part that throws in %s ends the loop, and the listener gets the error',
  (step) => {
    const error = new Error('broken');
    const broken: Partial<ServePart> = {
      [step]: () => {
        throw error;
      },
    };
    const { loop, turns, failures } = looped(broken);
    loop.start();
    jest.advanceTimersByTime(60_000);
    expect({ failures, turns }).toEqual({ failures: [error], turns: [] });
    expect(loop.isRunning()).toBe(false);
  },
);

test.each(['ask', 'check'] as const)(
  'a part that the system refuses something in %s has failed its checks, and the loop goes on',
  (step) => {
    let isRefused = true;
    const gateway: Partial<ServePart> = {
      checks: ['gateway', 'conflict'],
      check: () => [{ name: 'gateway' }, { name: 'conflict' }],
    };
    const run = () => {
      if (isRefused) throw Object.assign(new Error('socket: EMFILE'), { code: 'EMFILE', errno: -24 });
      return gateway.check!(0);
    };
    const { loop, turns, failures } = looped(
      { checks: ['link'], check: () => [{ name: 'link' }] },
      { ...gateway, [step]: run },
    );
    loop.start();
    jest.advanceTimersByTime(100);
    const problems = ['cannot be checked: socket: EMFILE'];
    expect(turns).toEqual([[{ name: 'link' }, { name: 'gateway', problems }, { name: 'conflict', problems }]]);
    isRefused = false;
    jest.advanceTimersByTime(1000);
    expect(turns.at(-1)).toEqual([{ name: 'link' }, { name: 'gateway' }, { name: 'conflict' }]);
    expect(failures).toEqual([]);
  },
);

test('turns as long as it is not ended', () => {
  const { loop, turns } = looped({});
  loop.start();
  jest.advanceTimersByTime(60_000);
  expect(loop.isRunning()).toBe(true);
  const seen = turns.length;
  loop[Symbol.dispose]();
  jest.advanceTimersByTime(4000);
  expect(loop.isRunning()).toBe(true);
  jest.advanceTimersByTime(2000);
  expect(loop.isRunning()).toBe(false);
  expect(turns).toHaveLength(seen);
});
