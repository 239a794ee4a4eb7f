import { PodAddresses } from '../../../../cni/serve/pair/pod-addresses';
import type { LockSlice } from '../../../../cni/standby/lock-slice';

const SLICE: LockSlice = {
  lock: { revision: 3, epoch: 1, holder: 'pod-a', seat: 'pod-b' },
  resourceVersion: '7',
  endpoint: { pod: 'pod-a', address: '10.244.1.5', node: 'node-1', ready: true },
  seatAddress: '10.244.2.5',
};

describe('the address of another pod of the pair', () => {
  test('is where it was heard, for a minute, and else what the lock says', () => {
    const pods = new PodAddresses();
    expect([pods.of('pod-a', SLICE, 0), pods.of('pod-b', SLICE, 0)]).toEqual(['10.244.1.5', '10.244.2.5']);
    pods.heard('pod-a', '10.244.1.9', 1000);
    expect(pods.of('pod-a', SLICE, 60_999)).toBe('10.244.1.9');
    expect(pods.of('pod-a', SLICE, 61_000)).toBe('10.244.1.5');
  });

  test('is not known of a pod that neither was heard nor stands in the lock', () => {
    const pods = new PodAddresses();
    expect([pods.of('pod-c', SLICE, 0), pods.of('pod-a', undefined, 0)]).toEqual([undefined, undefined]);
  });

  test('is kept of four pods at most', () => {
    const pods = new PodAddresses();
    for (const pod of ['a', 'b', 'c', 'd', 'e']) pods.heard(pod, '10.244.1.9', 0);
    expect([pods.of('a', undefined, 0), pods.of('e', undefined, 0)]).toEqual([undefined, '10.244.1.9']);
  });
});
