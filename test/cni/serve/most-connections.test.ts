import { mostConnections } from '../../../cni/serve/most-connections';

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft.padEnd(20)} 4096                 files     \n`;

test.each([
  ['unlimited', 12, 256],
  ['1048576', 12, 256],
  ['1024', 12, 256],
  ['64', 12, 28],
  ['16', 12, 1],
])('of %s descriptors with %d open, %d connections leave enough for the checks', (soft, open, most) => {
  expect(mostConnections(limits(soft), open)).toBe(most);
});

test('the limits of this process are read from the kernel', () => {
  expect(mostConnections()).toBeGreaterThan(0);
});
