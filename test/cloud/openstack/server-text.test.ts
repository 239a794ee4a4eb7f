/**
 * What a server or a proxy sends gets into messages bounded, printable, and without what was sent to it as a secret.
 */

import { Neutron } from '../../../cloud/openstack/client/neutron';
import { PATIENCE } from '../../../cloud/openstack/client/retry';
import { serverText, withoutSecrets } from '../../../cloud/openstack/client/server-text';
import { Session } from '../../../cloud/openstack/client/session';
import { findPort } from '../../../cloud/openstack/find-port';
import { NeutronStub, neutronError } from '../../support/neutron-stub';

const SECRET = 'p4ss"w0rd\\of a user';
const TITLE = '\u001b]0;pwned\u0007';
const LONG = `${TITLE}${'x'.repeat(2_000_000)}`;
const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';

let stub: NeutronStub;

beforeEach(async () => {
  stub = await NeutronStub.start();
});

afterEach(() => stub.stop());

function neutron(): Neutron {
  const method = { methods: ['password'], password: { user: { id: 'u', password: SECRET } } };
  const identity = { kind: 'keystone', authUrl: `${stub.url}/v3`, method, secret: SECRET, isRenewable: true } as const;
  return new Neutron(new Session({ source: 'cloud "stub"', identity, interface: 'public', endpoints: {} }, PATIENCE));
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );

const isReadable = (message: string) => message.length < 900 && !/[\p{Cc}\p{Cs}]/u.test(message);

describe('a text of 2 MB that sets the title of a terminal is bounded and printable', () => {
  test('of Keystone', async () => {
    stub.fault = ({ method }) => (method === 'POST' ? { status: 403, body: { error: { message: LONG } } } : undefined);
    const message = await failure(neutron().port(PORT));
    expect(message).toContain('Keystone answered 403 to the credentials of cloud "stub": \\u001b]0;pwned\\u0007xxx');
    expect(message).toContain('x…');
    expect(isReadable(message)).toBe(true);
  });

  test('of Neutron, in type and message', async () => {
    stub.fault = ({ method }) => (method === 'GET' ? neutronError(409, LONG, LONG) : undefined);
    const message = await failure(neutron().port(PORT));
    expect(message).toContain('Neutron answered 409 \\u001b]0;pwned\\u0007xxx');
    expect(isReadable(message)).toBe(true);
  });

  test('of a redirect', async () => {
    const headers = { location: `https://login.example.org/${'x'.repeat(8000)}` };
    stub.fault = ({ method }) => (method === 'GET' ? { status: 302, headers } : undefined);
    const message = await failure(neutron().port(PORT));
    expect(message).toContain('redirects to https://login.example.org/xxx');
    expect(isReadable(message)).toBe(true);
  });

  test.each(['interface', 'region_id', 'url'])('of the catalog, as %s', async (key) => {
    const endpoint = { interface: 'public', region_id: 'RegionOne', url: stub.url };
    const endpoints = [{ ...endpoint, [key]: LONG }];
    const headers = { 'X-Subject-Token': '1' };
    stub.fault = ({ method }) =>
      method === 'POST'
        ? { status: 201, headers, body: { token: { catalog: [{ type: 'network', endpoints }] } } }
        : undefined;
    const identity = {
      kind: 'keystone',
      authUrl: `${stub.url}/v3`,
      method: {},
      secret: SECRET,
      isRenewable: true,
    } as const;
    const credentials = { source: 's', identity, interface: 'public', endpoints: {}, region: 'RegionOne' } as const;
    const message = await failure(new Neutron(new Session(credentials, PATIENCE)).port(PORT));
    expect(message).toContain('pwned');
    expect(isReadable(message)).toBe(true);
  });

  test('of the ids of ports and servers', async () => {
    stub.servers = [
      { id: LONG, name: 'worker-1' },
      { id: '2', name: 'worker-1' },
    ];
    const before = { ...process.env };
    Object.assign(process.env, { OS_AUTH_URL: stub.url, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'p' });
    try {
      const found = await findPort({ server: 'worker-1' }, {});
      expect(found).toContain('is the name of 2 servers (\\u001b]0;pwned\\u0007xxx');
      expect(isReadable(String(found))).toBe(true);
    } finally {
      process.env = before;
    }
  });
});

describe('a server that sends the request back', () => {
  test('Keystone: the message does not hold the password', async () => {
    stub.fault = ({ method, body }) =>
      method === 'POST'
        ? { status: 401, body: { error: { message: `cannot serve ${SECRET} ${JSON.stringify(body)}` } } }
        : undefined;
    const message = await failure(neutron().port(PORT));
    expect(message).toContain('cannot serve (hidden) {');
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain(JSON.stringify(SECRET).slice(1, -1));
  });

  test('Neutron: the message does not hold the token', async () => {
    const token = 'gAAAAABexample-of-a-token';
    stub.fault = ({ method, token: sent }) => {
      if (method !== 'POST') return neutronError(400, 'BadRequest', `X-Auth-Token: ${sent}`);
      const endpoints = [{ interface: 'public', region_id: 'RegionOne', url: stub.url }];
      const catalog = [{ type: 'network', endpoints }];
      return { status: 201, headers: { 'X-Subject-Token': token }, body: { token: { catalog } } };
    };
    const message = await failure(neutron().port(PORT));
    expect(message).toContain('400 BadRequest: X-Auth-Token: (hidden)');
    expect(message).not.toContain(token);
  });
});

test('a short text of one line stays as it is', () => {
  expect(serverText('Port 7b2c could not be found.')).toBe('Port 7b2c could not be found.');
  expect(serverText('a\n\tb\u202eb\ud800')).toBe('a b\\u202eb\\ud800');
  expect(serverText({ not: 'text' })).toBe('');
});

test('secrets are hidden in keys and lists too; an empty secret hides nothing', () => {
  expect(withoutSecrets({ 'my pass': ['pass', 1, null] }, ['pass', ''])).toEqual({
    'my (hidden)': ['(hidden)', 1, null],
  });
});
