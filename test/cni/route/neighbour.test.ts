import { ENODEV, ENOENT } from '../../../cni/ffi/errno';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { decodeNeighbourState, getNeighbour, neighbourState } from '../../../cni/netlink/route/neighbour';
import { ip } from '../../support/recorded-frame';
import { recordedMessages } from '../../support/recorded-netlink';
import { mistreat, recordedShape, requestShape, socketThatAnswers } from '../../support/route-messages';

const GATEWAY = ip('10.9.9.2');

test.each([
  ['ip-neigh-get-10.9.9.2-dev-v0.request', GATEWAY],
  ['ip-neigh-get-fe80-2-dev-v0.request', ip('fe80::2')],
])('%s', (name, address) => {
  expect(requestShape(getNeighbour(address, 3))).toEqual(recordedShape(name));
});

const STATES = ['permanent', 'noarp', 'reachable', 'stale', 'probe', 'failed', 'incomplete'] as const;
const answerOf = (state: string) => recordedMessages(`ip-neigh-get-${state}.answer`);

test.each(STATES)('a neighbour that is %s is read as such', (state) => {
  const { socket } = socketThatAnswers(answerOf(state));
  expect(neighbourState(socket, GATEWAY, 3)).toBe(state);
});

test('a neighbour that the kernel does not know has no state; any other error is one', () => {
  const failing = (errno: number) => socketThatAnswers(new NetlinkError('ip neigh get', errno, '')).socket;
  expect(neighbourState(failing(ENOENT), GATEWAY, 3)).toBeUndefined();
  expect(() => neighbourState(failing(ENODEV), GATEWAY, 3)).toThrow('ENODEV');
});

test('a message that is not whole is refused', () => {
  const messages = STATES.flatMap(answerOf);
  const decode = (message: (typeof messages)[number]) => ({ state: decodeNeighbourState(message) });
  // The state's own two bytes, and what stands before them.
  expect(mistreat(messages, decode)).toBe(STATES.length * 10);
});
