import { LineBudget } from '../../../../cni/serve/names/line-budget';

test('lines are left out beyond the budget, which grows with time, and the next line says how many', () => {
  let now = 0;
  const budget = new LineBudget(() => now);
  const taken = Array.from({ length: 60 }, () => budget.take());
  expect(taken.filter((each) => each === 0)).toHaveLength(50);
  expect(taken.slice(50)).toEqual(Array(10).fill(undefined));
  now = 4999;
  expect(budget.take()).toBeUndefined();
  now = 5000;
  expect([budget.take(), budget.take()]).toEqual([11, undefined]);
  now = 10_000_000;
  expect(Array.from({ length: 60 }, () => budget.take()).filter((each) => each !== undefined)).toHaveLength(50);
});
