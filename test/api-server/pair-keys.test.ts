import { ApiClient } from '../../cni/kubernetes/api-client';
import { PairKeys } from '../../cni/serve/pair/pair-keys';
import { eventually } from '../kernel/support/eventually';
import { describeWithApiServer } from './describe-with-api-server';
import { PairAccess } from './pair-access';

/** What the pods of a pair may do with its key, and no more. */
const RULES = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['bank-pair'],
    verbs: ['get', 'list', 'watch', 'create', 'patch'],
  },
];

describeWithApiServer('the keys of a pair', (server) => {
  let access: PairAccess;
  const clients: Disposable[] = [];

  beforeAll(() => {
    access = new PairAccess(server());
    access.add('keys', RULES);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client[Symbol.dispose]();
    server().tryKubectl(['delete', 'secret', 'bank-pair']);
  });
  afterAll(() => access[Symbol.dispose]());

  /** A pod of the pair, with everything that it heard. */
  function pod(name: string, secret = 'bank-pair') {
    const api = new ApiClient(access.of('keys'));
    const found: string[][] = [];
    const failed: string[] = [];
    const keys = new PairKeys(api, { namespace: 'default', name: secret }, name, {
      found: (all) => found.push(all.map((key) => Buffer.from(key).toString('base64'))),
      failed: (problem) => failed.push(problem),
    });
    clients.push(keys, api);
    return { keys, found, failed };
  }

  const secret = (data: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bank-pair' }, data });
  const apply = (data: object) =>
    server().kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(secret(data)));

  test('are made by one pod, and are the same for the other one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const pods = [pod(`bank-a-${round}`), pod(`bank-b-${round}`)];
      await Promise.all(pods.map(({ keys }) => keys.follow()));
      expect(pods.flatMap(({ failed }) => failed)).toEqual([]);
      await eventually(() => expect(pods[0]!.found.at(-1)?.[0]).toBe(pods[1]!.found.at(-1)?.[0]));
      const { data } = JSON.parse(server().kubectl(['get', 'secret', 'bank-pair', '-o', 'json']));
      expect(pods[0]!.found.at(-1)).toEqual([data.key]);
      expect(Buffer.from(data.key, 'base64')).toHaveLength(32);
      for (const client of clients.splice(0)) client[Symbol.dispose]();
      server().kubectl(['delete', 'secret', 'bank-pair']);
    }
  });

  test('change while the pods run, and the one before is accepted too', async () => {
    const one = pod('bank-a');
    await one.keys.follow();
    const [[previous]] = one.found as [[string]];
    const key = Buffer.alloc(32, 7).toString('base64');
    apply({ key, previous });
    await eventually(() => expect(one.found.at(-1)?.[0]).toBe(key));
    expect(one.found.at(-1)).toEqual([key, previous]);
    expect(one.failed).toEqual([]);
  });

  test.each([
    ['no key', { other: Buffer.alloc(32).toString('base64') }],
    ['a key that is too short', { key: Buffer.alloc(8).toString('base64') }],
  ])('of a Secret with %s are a problem, and the Secret is left alone', async (_name, data) => {
    apply(data);
    const one = pod('bank-a');
    await one.keys.follow();
    expect([one.found, one.failed]).toEqual([
      [],
      ['Secret bank-pair has no key for this pair; accepted: data.key, 16 bytes or more'],
    ]);
    expect(JSON.parse(server().kubectl(['get', 'secret', 'bank-pair', '-o', 'json'])).data).toEqual(data);
  });

  test('of another Secret are not readable', async () => {
    const one = pod('bank-a', 'shop-pair');
    await one.keys.follow();
    expect(one.found).toEqual([]);
    expect(one.failed[0]).toMatch(/^API server: secrets.* is forbidden: .*\(403\)$/);
  });
});
