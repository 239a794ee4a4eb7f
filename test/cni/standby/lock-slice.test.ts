import {
  type LockSlice,
  readSlice,
  type SliceEndpoint,
  type SliceOwner,
  type SlicePods,
  sliceOf,
} from '../../../cni/standby/lock-slice';
import type { PairLock } from '../../../cni/standby/pair-lock';

const OWNER: SliceOwner = {
  name: 'bank-ipv4',
  service: 'bank',
  namespace: 'partners',
  addressType: 'IPv4',
  ports: [{ name: 'tcp-443', port: 20443, protocol: 'TCP' }],
};
const LOCK: PairLock = { revision: 7, epoch: 3, holder: 'bank-a', seat: 'bank-b' };
const ENDPOINT: SliceEndpoint = { pod: 'bank-a', address: '10.244.1.5', node: 'node-1', ready: true };
const PODS: SlicePods = { endpoint: ENDPOINT, seatAddress: '10.244.2.6' };

describe('the lock of a pair as an EndpointSlice', () => {
  test.each<[string, LockSlice]>([
    ['a holder and a seat', { lock: LOCK, resourceVersion: '41', endpoint: ENDPOINT, seatAddress: '10.244.2.6' }],
    ['a holder that is not ready', { lock: LOCK, resourceVersion: '41', endpoint: { ...ENDPOINT, ready: false } }],
    ['no holder', { lock: { revision: 1, epoch: 0 }, resourceVersion: '1' }],
  ])('comes back with %s', (_name, slice) => {
    const written = sliceOf(OWNER, slice.lock, slice, slice.resourceVersion);
    expect(readSlice(OWNER, JSON.parse(JSON.stringify(written)))).toEqual(slice);
  });

  test('leads its Service to the pod of the holder alone', () => {
    expect(sliceOf(OWNER, LOCK, PODS)).toEqual({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'bank-ipv4',
        namespace: 'partners',
        labels: {
          'app.kubernetes.io/name': 'egress-router',
          'endpointslice.kubernetes.io/managed-by': 'cdk8s-egress-router',
          'kubernetes.io/service-name': 'bank',
        },
        annotations: {
          'cdk8s-egress-router/lock': '{"revision":7,"epoch":3,"holder":"bank-a","seat":"bank-b"}',
          'cdk8s-egress-router/seat-address': '10.244.2.6',
        },
      },
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['10.244.1.5'],
          conditions: { ready: true },
          nodeName: 'node-1',
          targetRef: { kind: 'Pod', name: 'bank-a', namespace: 'partners' },
        },
      ],
      ports: [{ name: 'tcp-443', port: 20443, protocol: 'TCP' }],
    });
  });

  const good = () => JSON.parse(JSON.stringify(sliceOf(OWNER, LOCK, PODS, '41')));
  const withAnnotations = (annotations: object) => ({
    ...good(),
    metadata: { ...good().metadata, annotations: { ...good().metadata.annotations, ...annotations } },
  });
  const withLock = (text: unknown) => withAnnotations({ 'cdk8s-egress-router/lock': text });
  const withLabels = (labels: object) => ({
    ...good(),
    metadata: { ...good().metadata, labels: { ...good().metadata.labels, ...labels } },
  });
  test.each<[string, string, unknown]>([
    ['nothing', 'metadata.labels', null],
    ['another manager', 'managed-by', withLabels({ 'endpointslice.kubernetes.io/managed-by': 'x' })],
    ['another Service', 'service-name', withLabels({ 'kubernetes.io/service-name': 'shop' })],
    ['another address type', 'addressType', { ...good(), addressType: 'FQDN' }],
    ['no lock', 'lock', withLock(undefined)],
    ['a lock that is not JSON', 'lock', withLock('{')],
    ['a lock without an epoch', 'epoch', withLock('{"revision":7}')],
    ['a negative epoch', 'epoch', withLock('{"revision":7,"epoch":-1}')],
    ['a holder that is a number', 'holder', withLock('{"revision":7,"epoch":3,"holder":5}')],
    ['a long lock', 'lock', withLock(JSON.stringify({ ...LOCK, more: 'x'.repeat(3000) }))],
    ['an endpoint that is not the holder', 'targetRef.name', withLock('{"revision":7,"epoch":3,"holder":"bank-b"}')],
    ['a second endpoint', 'endpoints[1]', { ...good(), endpoints: [...good().endpoints, ...good().endpoints] }],
    [
      'an endpoint without an address',
      'addresses',
      { ...good(), endpoints: [{ ...good().endpoints[0], addresses: [] }] },
    ],
    [
      'an endpoint whose address is a name',
      'addresses[0]',
      { ...good(), endpoints: [{ ...good().endpoints[0], addresses: ['bank-a.example'] }] },
    ],
    ['a seat whose address is a number', 'seat-address', withAnnotations({ 'cdk8s-egress-router/seat-address': 5 })],
  ])('with %s is refused, and the problem names the member', (_name, member, value) => {
    const slice = readSlice(OWNER, value);
    expect('problem' in slice && slice.problem).toMatch(
      /^EndpointSlice bank-ipv4 is not the lock of this pair: bank-ipv4/,
    );
    expect('problem' in slice && slice.problem).toContain(member);
  });
});
