import { constants } from 'node:os';
import * as errno from '../../../cni/ffi/errno';
import { hasErrno, NetlinkError } from '../../../cni/netlink/netlink-error';

test('an error names what was asked, the number in words, and the kernel’s sentence', () => {
  const error = new NetlinkError('ip link add net1', errno.EEXIST, 'Device exists');
  expect(error.message).toBe('ip link add net1: EEXIST, exists already (Device exists)');
  expect(error).toMatchObject({ name: 'NetlinkError', operation: 'ip link add net1', errno: 17 });
  expect(error.kernelMessage).toBe('Device exists');
});

test('an error without a kernel message has no parentheses', () => {
  expect(new NetlinkError('ip rule show', errno.EPERM).message).toBe('ip rule show: EPERM, operation not permitted');
});

test('a number without a name is given as it is', () => {
  expect(new NetlinkError('ip rule show', 133).message).toBe('ip rule show: error 133');
});

test('each number that the code names has words that begin with its name', () => {
  const named = Object.entries(errno).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  );
  expect(named.length).toBeGreaterThan(10);
  for (const [name, number] of named) expect(errno.errnoName(number)).toMatch(new RegExp(`^${name}, [a-z]`));
});

test('numbers are those of this machine’s kernel', () => {
  // The kernel's own, which programs do not see: nf_tables answers with it.
  const numbers = { ...constants.errno, ERESTART: 85 };
  for (const [name, number] of Object.entries(errno)) {
    if (typeof number === 'number') expect([name, number]).toEqual([name, numbers[name as keyof typeof numbers]]);
  }
});

test('a number is looked for in errors of netlink only', () => {
  const error = new NetlinkError('ip link show', errno.ENODEV);
  expect(hasErrno(error, errno.ENOENT, errno.ENODEV)).toBe(true);
  expect(hasErrno(error, errno.ENOENT)).toBe(false);
  expect(hasErrno(error)).toBe(false);
  expect(hasErrno(Object.assign(new Error('x'), { errno: errno.ENODEV }), errno.ENODEV)).toBe(false);
  expect(hasErrno(undefined, errno.ENODEV)).toBe(false);
});
