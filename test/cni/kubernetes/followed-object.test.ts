import { ApiClient } from '../../../cni/kubernetes/api-client';
import { FollowedObject } from '../../../cni/kubernetes/followed-object';
import { retryMs } from '../../../cni/kubernetes/retry-wait';
import { eventually } from '../../kernel/support/eventually';
import { FailingApi } from '../../support/failing-api';

const FOLDER = '/api/v1/namespaces/partners/secrets';
const KEY = { metadata: { name: 'bank-pair', resourceVersion: '7' } };
const REFUSED = [403, { message: 'secrets "bank-pair" is forbidden' }] as const;
const LIST = [200, { items: [KEY], metadata: { resourceVersion: '7' } }] as const;

let server: FailingApi;
let api: ApiClient;
let found: unknown[];
let failed: string[];
let object: FollowedObject;
/** The failures in a row before each retry. */
let retries: number[];
/** Milliseconds before a retry. */
let wait = 1;

beforeAll(async () => {
  server = await FailingApi.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  [found, failed, retries, wait] = [[], [], [], 1];
  server.asked.length = 0;
  api = new ApiClient(server.access);
  const listener = { found: (it: unknown) => found.push(it), failed: (problem: string) => failed.push(problem) };
  const place = { folder: FOLDER, name: 'bank-pair' };
  object = new FollowedObject(
    api,
    place,
    () => ({}),
    'maker',
    listener,
    (failures) => {
      retries.push(failures);
      return wait;
    },
  );
});
afterEach(() => {
  object[Symbol.dispose]();
  api[Symbol.dispose]();
});

const retried = (...expected: number[]) =>
  eventually(() => expect(retries.slice(0, expected.length)).toEqual(expected));

describe('an API server that refuses', () => {
  test('is asked less and less often, and again soon after it has answered', async () => {
    server.answer = () => REFUSED;
    void object.follow();
    await retried(0, 1, 2, 3, 4);
    expect(failed[0]).toBe('API server: secrets "bank-pair" is forbidden (403)');
    server.answer = (method) => (method === 'WATCH' ? [200, ''] : LIST);
    await eventually(() => expect(retries.slice(-2)).toEqual([0, 0]));
    expect(found).toContainEqual(KEY);
  });

  test('a watch alone is asked less and less often, and its words are reported', async () => {
    server.answer = (method) => (method === 'WATCH' ? REFUSED : LIST);
    void object.follow();
    await retried(0, 1, 2);
    expect(failed[0]).toBe('API server: the watch was refused (403)');
  });

  test('to make an object anew that was deleted is asked again', async () => {
    const deleted = `${JSON.stringify({ type: 'DELETED', object: KEY })}\n`;
    server.answer = (method, path) => {
      if (method === 'WATCH') return [200, deleted];
      return path === FOLDER ? LIST : REFUSED;
    };
    void object.follow();
    await eventually(() => expect(failed).toContain('API server: secrets "bank-pair" is forbidden (403)'));
    const before = server.asked.length;
    await eventually(() => expect(server.asked.slice(before)).toContain(`GET ${FOLDER}`));
  });
});

test('the end of a watch is not a failure', async () => {
  server.answer = (method) => (method === 'WATCH' ? [200, ''] : LIST);
  void object.follow();
  await retried(0, 0, 0);
  expect(failed).toEqual([]);
});

describe('an object that is disposed of', () => {
  test('while it waits is not asked for again', async () => {
    server.answer = () => REFUSED;
    wait = 50;
    void object.follow();
    await retried(0);
    object[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 4 * wait));
    expect(server.asked).toEqual([`GET ${FOLDER}`]);
  });

  test('while the server stands still is not asked for again, and says nothing', async () => {
    server.answer = () => undefined;
    const asked = object.follow();
    await eventually(() => expect(server.asked).toHaveLength(1));
    object[Symbol.dispose]();
    await asked;
    expect([found, failed, retries]).toEqual([[], [], []]);
  });
});

test('the time before a retry doubles up to half a minute, and half of it is drawn', () => {
  expect([0, 1, 2, 3, 4, 5, 40].map((failures) => retryMs(failures, 1))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  expect([0, 0.5, 1].map((draw) => retryMs(0, draw))).toEqual([500, 750, 1000]);
});
