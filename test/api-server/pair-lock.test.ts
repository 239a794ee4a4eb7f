import { ApiClient, type ApiRequest } from '../../cni/kubernetes/api-client';
import { ApiFailure } from '../../cni/kubernetes/api-failure';
import { LockClient } from '../../cni/serve/pair/lock-client';
import type { LockSlice, SliceOwner, SlicePods } from '../../cni/standby/lock-slice';
import { EMPTY_LOCK } from '../../cni/standby/pair-lock';
import { eventually } from '../kernel/support/eventually';
import { describeWithApiServer } from './describe-with-api-server';
import { PairAccess } from './pair-access';

const OWNER: SliceOwner = {
  name: 'bank',
  service: 'bank',
  namespace: 'default',
  addressType: 'IPv4',
  ports: [{ name: 'tcp-443', port: 443, protocol: 'TCP' }],
};
const holder = (pod: string, address: string): SlicePods => ({
  endpoint: { pod, address, node: 'node-1', ready: true },
});

/** What the pods of a pair may do, and no more. */
const RULES = [
  {
    apiGroups: ['discovery.k8s.io'],
    resources: ['endpointslices'],
    resourceNames: ['bank'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'update'],
  },
];

describeWithApiServer('the lock of a pair', (server) => {
  let access: PairAccess;
  const clients: Disposable[] = [];

  beforeAll(() => {
    access = new PairAccess(server());
    access.add('pair', RULES);
    access.add('other', []);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client[Symbol.dispose]();
    server().tryKubectl(['delete', 'endpointslice', 'bank']);
  });
  afterAll(() => access[Symbol.dispose]());

  /** A pod of the pair, with everything that it heard. */
  function pod(account = 'pair', owner = OWNER, api = new ApiClient(access.of(account))) {
    const found: LockSlice[] = [];
    const failed: string[] = [];
    const lock = new LockClient(api, owner, {
      found: (slice) => found.push(slice),
      failed: (problem) => failed.push(problem),
    });
    clients.push(lock, api);
    return { lock, found, failed };
  }

  const slice = () => JSON.parse(server().kubectl(['get', 'endpointslice', 'bank', '-o', 'json']));

  test('is made by the pods, with the rights of one name', async () => {
    const one = pod();
    await one.lock.read();
    expect([one.failed, one.found[0]?.lock]).toEqual([[], EMPTY_LOCK]);
    expect(slice()).toMatchObject({
      addressType: 'IPv4',
      endpoints: null,
      metadata: {
        labels: {
          'kubernetes.io/service-name': 'bank',
          'endpointslice.kubernetes.io/managed-by': 'cdk8s-egress-router',
        },
      },
    });
    const another = pod('pair', { ...OWNER, name: 'shop' });
    await another.lock.read();
    expect(another.failed[0]).toMatch(/endpointslices.* "shop" is forbidden.*\(403\)$/);
  });

  test('goes to one of two pods that write at once; the other one reads who has it', async () => {
    const [one, other] = [pod(), pod()];
    await Promise.all([one.lock.read(), other.lock.read()]);
    const take = (its: typeof one, name: string, address: string) =>
      its.lock.write(its.found.at(-1)!, { revision: 1, epoch: 1, holder: name }, holder(name, address));
    await Promise.all([take(one, 'pod-a', '10.244.1.5'), take(other, 'pod-b', '10.244.2.5')]);
    expect([one.failed, other.failed]).toEqual([[], []]);
    const [first, second] = [one.found.at(-1)!, other.found.at(-1)!];
    expect(first).toEqual(second);
    expect(slice().endpoints).toMatchObject([
      { addresses: [first.endpoint!.address], conditions: { ready: true }, targetRef: { name: first.lock.holder } },
    ]);
  });

  test('is not made anew over a holder, by a pod that found no lock a moment ago', async () => {
    const one = pod();
    await one.lock.read();
    const held = { revision: 1, epoch: 1, holder: 'pod-a', seat: 'pod-b' };
    await one.lock.write(one.found[0]!, held, holder('pod-a', '10.244.1.5'));
    const late = pod('pair', OWNER, new LateClient(access.of('pair')));
    await late.lock.read();
    expect([late.failed, late.found.map(({ lock }) => lock)]).toEqual([[], [held]]);
    expect(slice().endpoints).toMatchObject([{ addresses: ['10.244.1.5'] }]);
  });

  test('is followed: a change of the other pod, and a deletion, arrive without a question', async () => {
    const [one, other] = [pod(), pod()];
    await one.lock.follow();
    await other.lock.read();
    await other.lock.write(
      other.found.at(-1)!,
      { revision: 1, epoch: 1, holder: 'pod-b' },
      holder('pod-b', '10.244.2.5'),
    );
    await eventually(() => expect(one.found.at(-1)?.lock.holder).toBe('pod-b'));
    server().kubectl(['delete', 'endpointslice', 'bank']);
    await eventually(() => expect(one.found.at(-1)?.lock.revision).toBe(0));
    expect(slice().endpoints).toBeNull();
    expect(one.failed).toEqual([]);
  });

  test('of another owner is named, and left alone', async () => {
    const foreign = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'bank', labels: { 'kubernetes.io/service-name': 'bank' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.9.9'] }],
    };
    server().kubectl(['create', '-f', '-'], JSON.stringify(foreign));
    const one = pod();
    await one.lock.read();
    expect([one.found, one.failed]).toEqual([
      [],
      [
        'EndpointSlice bank is not the lock of this pair: bank.metadata.labels."endpointslice.kubernetes.io/managed-by": (nothing) is the manager of the slice; accepted: cdk8s-egress-router',
      ],
    ]);
    expect(slice().endpoints[0].addresses).toEqual(['10.244.9.9']);
  });

  test('without rights is a problem with the words of the API server', async () => {
    const one = pod('other');
    await one.lock.read();
    expect(one.failed).toEqual([
      expect.stringMatching(/^API server: endpointslices\.discovery\.k8s\.io "bank" is forbidden: .*\(403\)$/),
    ]);
  });
});

/** Its first question was answered before the other pod made the lock. */
class LateClient extends ApiClient {
  private isFirst = true;

  public override ask(request: ApiRequest): Promise<unknown> {
    if (!this.isFirst) return super.ask(request);
    this.isFirst = false;
    return Promise.reject(new ApiFailure('not found', 404));
  }
}
