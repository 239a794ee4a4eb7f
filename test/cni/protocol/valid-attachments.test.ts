import { CODES } from '../../../cni/protocol/cni-error';
import type { GarbageCollection } from '../../../cni/protocol/invocation';
import { call, refusal } from '../../support/call';

const KEY = 'cni.dev/valid-attachments';
const valid = (changes: object) => (call('GC', changes) as GarbageCollection).validAttachments;

test('GC spares what the runtime names', () => {
  const list = [
    { containerID: 'a', ifname: 'net1' },
    { containerID: 'b', ifname: 'net2', more: 7 },
  ];
  const wanted = [
    { containerId: 'a', ifname: 'net1' },
    { containerId: 'b', ifname: 'net2' },
  ];
  expect(valid({ [KEY]: list })).toEqual(wanted);
  expect(valid({ 'cni.dev/attachments': list })).toEqual(wanted);
  expect(valid({ [KEY]: [], 'cni.dev/attachments': list })).toEqual([]);
});

test('null is an empty list, as libcni writes it', () => expect(valid({ [KEY]: null })).toEqual([]));

test('no attachment is known to be stale without a list', () => expect(valid({})).toBeUndefined());

test.each([
  [{}, `"${KEY}": {} is not a list`],
  [['a'], `"${KEY}"[0]: "a" is not an object`],
  [[{ ifname: 'net1' }], `"${KEY}"[0].containerID: (nothing) is missing`],
  [[{ containerID: 'a', ifname: 7 }], `"${KEY}"[0].ifname: 7 is not a string`],
])('an invalid list would spare no attachment, so %j is rejected', (list, line) => {
  const error = refusal(() => valid({ [KEY]: list }));
  expect(error.code).toBe(CODES.INVALID_CONFIG);
  expect(error.details).toContain(line);
});

test('GC works with a router that the configuration does not describe any more', () => {
  expect(valid({ [KEY]: [], ip: 7 })).toEqual([]);
});
