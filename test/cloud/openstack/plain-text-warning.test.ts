import { send } from '../../../cloud/openstack/client/http';

let warnings: string[];

beforeEach(() => {
  warnings = [];
  jest.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
});

afterEach(() => jest.restoreAllMocks());

/** The request has no time for an answer. */
const ask = (url: string, secrets = ['secret']) => send({ method: 'GET', url, secrets }, 1).catch(() => undefined);

test('a secret to an http address of another machine is warned of once for each server', async () => {
  await ask('http://192.0.2.1:5000/v3/auth/tokens');
  await ask('http://192.0.2.1:5000/v3/other');
  await ask('http://192.0.2.1:9696/v2.0/ports');
  expect(warnings).toEqual([
    'warning: http://192.0.2.1:5000 is not encrypted, so the network can read the password or token that is sent to it; ' +
      'use an https address in auth_url and in the catalog',
    expect.stringContaining('warning: http://192.0.2.1:9696 is not encrypted'),
  ]);
});

test.each([
  'https://192.0.2.1:5000/v3',
  'http://127.0.0.1:1/v3',
  'http://127.8.9.1:1/v3',
  'http://[::1]:1/v3',
  'http://localhost:1/v3',
])('%s is not warned of', async (url) => {
  await ask(url);
  expect(warnings).toEqual([]);
});

test('a request without a secret is not warned of', async () => {
  await ask('http://192.0.2.2:9696/v2.0', ['']);
  expect(warnings).toEqual([]);
});
