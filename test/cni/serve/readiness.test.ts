import type { CheckResult } from '../../../cni/serve/check-result';
import { Readiness } from '../../../cni/serve/readiness';
import { ServeLog } from '../../../cni/serve/serve-log';

function looks(...turns: readonly (readonly CheckResult[])[]) {
  const lines: Record<string, unknown>[] = [];
  const readiness = new Readiness(
    new ServeLog('prod/db', (line) => {
      const { time, router, ...rest } = JSON.parse(line);
      lines.push(rest);
    }),
  );
  for (const turn of turns) readiness.update(turn);
  return { lines, readiness };
}

const GOOD: readonly CheckResult[] = [{ name: 'link' }, { name: 'gateway' }];
const silent = (...problems: string[]): readonly CheckResult[] => [{ name: 'link' }, { name: 'gateway', problems }];
const FAILED = { level: 'warn', message: 'check failed', check: 'gateway', reason: 'no answer' };
const HOLDS = { level: 'info', message: 'check holds again', check: 'gateway' };
const [READY, NOT_READY] = [
  { level: 'info', message: 'ready' },
  { level: 'warn', message: 'not ready', failed: ['gateway'] },
];

test('no check has a result before the first turn', () => {
  expect(looks().readiness).toMatchObject({ results: [] });
});

test('the first look is said, whatever it is', () => {
  expect(looks(GOOD)).toMatchObject({ lines: [READY], readiness: { results: GOOD } });
  expect(looks(silent('no answer'))).toMatchObject({
    lines: [FAILED, NOT_READY],
    readiness: { results: silent('no answer') },
  });
});

test('each change is said once, and none is not', () => {
  const { lines } = looks(GOOD, GOOD, silent('no answer'), silent('no answer'), GOOD, GOOD);
  expect(lines).toEqual([READY, FAILED, NOT_READY, HOLDS, READY]);
});

test('every problem of a check is said, with those that it comes to, and once in a failure', () => {
  const [both, other] = [silent('no answer', 'no socket'), silent('no socket')];
  const { lines } = looks(silent('no answer'), both, both, other, silent('no answer'), both, GOOD, other);
  expect(lines).toEqual([
    FAILED,
    NOT_READY,
    { ...FAILED, reason: 'no answer; no socket' },
    HOLDS,
    READY,
    { ...FAILED, reason: 'no socket' },
    NOT_READY,
  ]);
});

test('a conflict is logged, and is not a reason of an unready router', () => {
  const claimed = { name: 'conflict', problems: ['another host claims it'] } as const;
  const { lines } = looks([...GOOD, claimed], [...silent('no answer'), claimed]);
  expect(lines).toEqual([
    { level: 'warn', message: 'check failed', check: 'conflict', reason: 'another host claims it' },
    READY,
    FAILED,
    NOT_READY,
  ]);
});

test('problems that are others each second do not fill the log', () => {
  const turns = Array.from({ length: 1000 }, (_value, turn) => silent(`no answer in turn ${turn}`));
  const { lines } = looks(...turns, GOOD);
  expect(lines.filter(({ message }) => message === 'check failed')).toHaveLength(100);
  expect(lines.slice(-2)).toEqual([HOLDS, READY]);
});

test('a second failed check is logged, but not that the router is not ready', () => {
  const both: readonly CheckResult[] = [{ name: 'link', problems: ['down'] }, silent('no answer')[1]!];
  const { lines } = looks(silent('no answer'), both, silent('no answer'));
  expect(lines).toEqual([
    FAILED,
    NOT_READY,
    { level: 'warn', message: 'check failed', check: 'link', reason: 'down' },
    { level: 'info', message: 'check holds again', check: 'link' },
  ]);
});
