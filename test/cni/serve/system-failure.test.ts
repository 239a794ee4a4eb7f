import { openSync } from 'node:fs';
import { SystemCallError } from '../../../cni/ffi/libc';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { systemFailure } from '../../../cni/serve/system-failure';

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test.each([
  ['a system call', new SystemCallError('socket', 24), 'socket: error 24'],
  ['netlink', new NetlinkError('ip link show', 105), 'ip link show: ENOBUFS, no buffer space'],
  ['a file', thrownBy(() => openSync('/missing', 'r')), expect.stringContaining('ENOENT')],
])('an error of %s is a failure of the system', (_what, error, message) => {
  expect(systemFailure(error)).toEqual(message);
});

test.each([
  ['a wrong type', thrownBy(() => (undefined as unknown as Date).getTime())],
  ['a closed descriptor', new SystemCallError('recv', 9)],
  ['an assertion of the runtime', Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })],
  ['a text', 'text'],
  ['nothing', undefined],
])('%s is a defect of the program', (_what, error) => expect(systemFailure(error)).toBeUndefined());
