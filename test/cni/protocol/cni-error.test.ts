import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { CniError, CODES, encodeError, toCniError } from '../../../cni/protocol/cni-error';
import { ConfigError } from '../../../src/domain/input/issue';

const CNI = join(__dirname, '../../../cni');

function shaped(name: string, members: object): Error {
  return Object.assign(new Error('what happened'), { name, ...members });
}

function fileError(): unknown {
  try {
    return readFileSync('/does/not/exist');
  } catch (error) {
    return error;
  }
}

test.each([
  ['an error of ours', new CniError(42, 'x', 'y'), 42, 'x'],
  [
    'bad input',
    new ConfigError([{ path: 'mac', value: 'x', problem: 'is bad', accepted: 'a MAC' }]),
    CODES.INVALID_CONFIG,
    'invalid network configuration',
  ],
  [
    'EPERM of netlink',
    new NetlinkError('ip link add net1', 1),
    CODES.PERMISSION,
    'ip link add net1: EPERM, operation not permitted',
  ],
  [
    'EOPNOTSUPP',
    new NetlinkError('ip link add net1', 95, 'Unknown device type'),
    CODES.KERNEL_FEATURE,
    'ip link add net1: EOPNOTSUPP, not supported (Unknown device type)',
  ],
  [
    'EAFNOSUPPORT',
    new NetlinkError('ip -6 rule', 97),
    CODES.KERNEL_FEATURE,
    'ip -6 rule: EAFNOSUPPORT, address family not supported',
  ],
  [
    'EPROTONOSUPPORT',
    new NetlinkError('nft', 93),
    CODES.KERNEL_FEATURE,
    'nft: EPROTONOSUPPORT, protocol not supported',
  ],
  [
    'EAGAIN',
    new NetlinkError('nft list table inet egress_router', 11),
    CODES.TRY_AGAIN_LATER,
    'nft list table inet egress_router: EAGAIN, try again',
  ],
  ['ENOMEM', new NetlinkError('nft', 12), CODES.TRY_AGAIN_LATER, 'nft: ENOMEM, out of memory'],
  ['ENOBUFS', new NetlinkError('ip route', 105), CODES.TRY_AGAIN_LATER, 'ip route: ENOBUFS, no buffer space'],
  ['ENFILE', new NetlinkError('open a socket', 23), CODES.TRY_AGAIN_LATER, 'open a socket: ENFILE, table is full'],
  [
    'EMFILE',
    new NetlinkError('open a socket', 24),
    CODES.TRY_AGAIN_LATER,
    'open a socket: EMFILE, too many open files',
  ],
  ['ENOMEM of a file', shaped('Error', { code: 'ENOMEM', errno: -12 }), CODES.TRY_AGAIN_LATER, 'what happened'],
  ['EMFILE of a file', shaped('Error', { code: 'EMFILE', errno: -24 }), CODES.TRY_AGAIN_LATER, 'what happened'],
  ['ENFILE of a file', shaped('Error', { code: 'ENFILE', errno: -23 }), CODES.TRY_AGAIN_LATER, 'what happened'],
  ['EAGAIN of a file', shaped('Error', { code: 'EAGAIN', errno: -11 }), CODES.TRY_AGAIN_LATER, 'what happened'],
  ['ENOSPC of a file', shaped('Error', { code: 'ENOSPC', errno: -28 }), CODES.IO, 'what happened'],
  ['another errno', new NetlinkError('ip link', 22), CODES.KERNEL, 'ip link: EINVAL, invalid argument'],
  ['a system call', shaped('SystemCallError', { call: 'setns', errno: 1 }), CODES.PERMISSION, 'what happened'],
  ['a namespace', shaped('NamespaceError', { path: '/x' }), CODES.NAMESPACE, 'what happened'],
  ['a missing file', fileError(), CODES.IO, "ENOENT: no such file or directory, open '/does/not/exist'"],
  ['a forbidden file', shaped('Error', { code: 'EACCES', errno: -13 }), CODES.PERMISSION, 'what happened'],
  ['a defect', new TypeError('x is undefined'), CODES.INTERNAL, 'internal error: TypeError: x is undefined'],
  ['a thrown text', 'oops', CODES.INTERNAL, 'internal error: oops'],
  ['nothing', undefined, CODES.INTERNAL, 'internal error: undefined'],
])('%s', (_what, thrown, code, message) => expect(toCniError(thrown)).toMatchObject({ code, message }));

test('the error object has what the specification wants, and never a stack', () => {
  const error = toCniError(new TypeError('x is undefined'));
  expect(JSON.parse(encodeError('1.1.0', error))).toStrictEqual({
    cniVersion: '1.1.0',
    code: 100,
    msg: 'internal error: TypeError: x is undefined',
  });
  expect(JSON.parse(encodeError('0.4.0', new CniError(7, 'm', 'd')))).toStrictEqual({
    cniVersion: '0.4.0',
    code: 7,
    msg: 'm',
    details: 'd',
  });
});

test('codes are unique, and all of them are given somewhere', () => {
  const sources = readdirSync(CNI, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^d].*\.ts$|^data-plane.*\.ts$/.test(name),
  );
  const text = sources.map((name) => readFileSync(join(CNI, name), 'utf8')).join('\n');
  expect(Object.keys(CODES).filter((name) => !text.includes(`CODES.${name}`))).toEqual([]);
  const numbers: number[] = Object.values(CODES);
  expect(new Set(numbers).size).toBe(numbers.length);
});
