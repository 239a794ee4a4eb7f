import type { Inventory, Router } from '../../cli/input/router';
import { selectRouters } from '../../cli/input/selection';

function inventoryOfNames(...names: readonly string[]): Inventory {
  const routers = names.map((name) => ({ name }) as Router);
  return { routers, otherKinds: new Map(), foreign: [], problems: [] };
}

test('an unknown router of a fleet gets ten names, and how many more there are', () => {
  const names = Array.from({ length: 12 }, (_, index) => `egress/r${index + 10}`);
  const message = `--router: unknown router elsewhere; accepted: ${names.slice(0, 10).join(', ')}, and 2 more`;
  expect(() => selectRouters(inventoryOfNames(...names), 'elsewhere')).toThrow(message);
});

test('an unknown router of manifests without routers gets the reason', () => {
  const message = '--router: unknown router db; the manifests have no router';
  expect(() => selectRouters(inventoryOfNames(), 'db')).toThrow(message);
});
