import {
  afterAttempt,
  afterRejection,
  afterTableChange,
  newProblems,
  type RulesState,
} from '../../../cni/serve/live-rules/rules-state';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';

const config = decodeNetworkConfig({
  name: 'db',
  type: 'egress-router',
  ip: { addresses: ['192.168.12.99/24'], destinations: ['443 TCP 192.168.12.26'] },
});
const [FIRST, SECOND] = [{ config }, { config }];
type State = RulesState<typeof FIRST>;
const START: State = { kind: 'in-force' };

/** Each step of a story of the file and the table, with the problems that it reports. */
function walk(...steps: ((state: State) => State)[]): { readonly states: State[]; readonly reported: string[] } {
  const states = [START];
  const reported: string[] = [];
  for (const step of steps) {
    const before = states.at(-1)!;
    const now = step(before);
    reported.push(...newProblems(before, now));
    states.push(now);
  }
  return { states: states.slice(1), reported };
}

const reads = (version: typeof FIRST, tableProblem?: string) => (state: State) =>
  afterAttempt(state, version, tableProblem);
const rejects = (problem: string) => (state: State) => afterRejection(state, problem);

test('a valid file is in force, and a rejected one keeps its version', () => {
  const { states, reported } = walk(reads(FIRST), rejects('bad'), reads(SECOND));
  expect(states).toEqual([
    { kind: 'in-force', version: FIRST },
    { kind: 'rejected', version: FIRST, fileProblem: 'bad' },
    { kind: 'in-force', version: SECOND },
  ]);
  expect(reported).toEqual(['bad']);
});

test('a retry reports the problem of the table once, also when a bad file comes between', () => {
  const { reported, states } = walk(
    reads(FIRST, 'table'),
    reads(FIRST, 'table'),
    rejects('bad'),
    reads(FIRST, 'table'),
    reads(FIRST, 'table'),
  );
  expect(reported).toEqual(['table', 'bad']);
  expect(states.at(-1)).toEqual({
    kind: 'waiting-for-table',
    version: FIRST,
    tableProblem: 'table',
    fileProblem: 'bad',
  });
});

test('a rejected file stays rejected when the table has been repaired', () => {
  const { states, reported } = walk(reads(FIRST), rejects('bad'), afterTableChange, reads(FIRST));
  expect(states.slice(2)).toEqual([
    { kind: 'waiting-for-table', version: FIRST, fileProblem: 'bad' },
    { kind: 'rejected', version: FIRST, fileProblem: 'bad' },
  ]);
  expect(reported).toEqual(['bad']);
});

test('a table that another program changed before the first valid file has nothing to go back to', () => {
  expect(afterTableChange(START)).toBe(START);
});
