import { unfollowedProxy } from '../../../cloud/openstack/client/http';
import { Neutron } from '../../../cloud/openstack/client/neutron';
import type { Patience } from '../../../cloud/openstack/client/retry';
import { Session } from '../../../cloud/openstack/client/session';
import { PairEditor } from '../../../cloud/openstack/pair-editor';
import { NeutronStub, neutronError } from '../../support/neutron-stub';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const SECRET = 'p4ss-w0rd-that-stays-secret';
const OURS = { ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const LISTED = { ip_address: '192.168.12.99', mac_address: 'e2:65:c0:a8:0c:63' };
const VIP = { ip_address: '192.168.12.5', mac_address: 'fa:16:3e:00:00:01' };
const GUARDED = { allowUnguardedWrite: false };

/** As the real one, in a hundredth of the time. */
const HURRY: Patience = { requestTimeout: 300, tries: 6, races: 40, firstPause: 2, longestPause: 10 };

let stub: NeutronStub;

beforeEach(async () => {
  stub = await NeutronStub.start();
  stub.pairs = [VIP];
});

afterEach(() => stub.stop());

function newSession(isRenewable = true): Session {
  const method = { methods: ['password'], password: { user: { id: 'u', password: SECRET } } };
  const identity = { kind: 'keystone', authUrl: `${stub.url}/v3`, method, secret: SECRET, isRenewable } as const;
  return new Session({ source: 'cloud "stub"', identity, interface: 'public', endpoints: {} }, HURRY);
}

const newEditor = (isRenewable = true) => new PairEditor(new Neutron(newSession(isRenewable)));

/** The message of what `work` fails with. No message holds a secret. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason as Error,
  );
  expect(String(error)).not.toContain(SECRET);
  return error.message;
}

describe('a service that is down for a moment', () => {
  test.each([500, 502, 503, 504, 429])('status %i passes', async (status) => {
    let left = 3;
    stub.fault = ({ method }) => (method !== 'POST' && left-- > 0 ? { status } : undefined);
    await newEditor().addPair(PORT, OURS, GUARDED);
    expect(stub.pairs).toEqual([VIP, LISTED]);
  });

  test('a write whose answer got lost is not written twice, and the pair counts as new', async () => {
    let isLost = false;
    stub.fault = (request) => {
      if (request.method !== 'PUT' || isLost) return undefined;
      isLost = true;
      stub.answer(request);
      return 'cut';
    };
    const { wasPresent } = await newEditor().addPair(PORT, OURS, GUARDED);
    expect({ wasPresent, puts: stub.count('PUT'), pairs: stub.pairs }).toEqual({
      wasPresent: false,
      puts: 1,
      pairs: [VIP, LISTED],
    });
  });

  test('Keystone too', async () => {
    let left = 2;
    stub.fault = ({ method }) => (method === 'POST' && left-- > 0 ? { status: 503 } : undefined);
    await newEditor().addPair(PORT, OURS, GUARDED);
    expect(stub.tokens).toBe(1);
  });
});

describe('a service that stays down', () => {
  test('is tried as often for several pairs of a port as for one', async () => {
    stub.fault = ({ method }) => (method === 'PUT' ? { status: 503 } : undefined);
    const editor = newEditor();
    const pairs = [1, 2, 3].map((host) => ({ ...OURS, ipAddress: `10.0.0.${host}` }));
    const results = await Promise.allSettled(pairs.map((pair) => editor.addPair(PORT, pair, GUARDED)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(stub.count('PUT')).toBe(6);
  });

  test('reads end after six tries, with the request', async () => {
    stub.fault = ({ path }) => (path.startsWith('/ports/') ? { status: 503 } : undefined);
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toBe(`GET ${stub.url}/v2.0/ports/${PORT}: Neutron answered 503 (after 6 tries)`);
    expect(stub.count('GET', '/ports/')).toBe(6);
  });

  test('writes end after six tries, with the request and what Neutron said', async () => {
    stub.fault = ({ method }) =>
      method === 'PUT' ? neutronError(500, 'HTTPInternalServerError', 'Request Failed') : undefined;
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toBe(
      `PUT ${stub.url}/v2.0/ports/${PORT}: Neutron answered 500 HTTPInternalServerError: Request Failed (after 6 tries)`,
    );
    expect(stub.count('PUT')).toBe(6);
    expect(stub.pairs).toEqual([VIP]);
  });

  test('silence ends too', async () => {
    stub.fault = ({ path }) => (path.startsWith('/ports/') ? 'silence' : undefined);
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toBe(`GET ${stub.url}/v2.0/ports/${PORT}: no answer in 0.3 s (after 6 tries)`);
  });

  test('a port without a server refuses the connection', async () => {
    const editor = newEditor();
    await stub.stop();
    expect(await failure(editor.addPair(PORT, OURS, GUARDED))).toMatch(
      /^POST .*: no answer \(ECONNREFUSED: .*\) \(after 6 tries\)$/,
    );
    stub = await NeutronStub.start();
  });
});

describe('a proxy that other tools would go through', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test('is not followed, and named where nothing answers; never its address, which may hold a secret', async () => {
    const editor = newEditor();
    const { url } = stub;
    await stub.stop();
    process.env.http_proxy = `http://user:${SECRET}@127.0.0.1:1`;
    process.env.no_proxy = '';
    const message = await failure(editor.addPair(PORT, OURS, GUARDED));
    expect(message).toContain(`POST ${url}/v3/auth/tokens: no answer (ECONNREFUSED: `);
    expect(message).toContain('; http_proxy is set but not used: this machine must reach the server directly');
    process.env.no_proxy = 'localhost, 127.0.0.1';
    expect(await failure(editor.addPair(PORT, OURS, GUARDED))).not.toContain('proxy');
    stub = await NeutronStub.start();
  });

  test.each([
    ['https://neutron.example.org:9696', { https_proxy: 'p' }, 'https_proxy'],
    ['https://neutron.example.org', { HTTPS_PROXY: 'p', ALL_PROXY: 'p' }, 'HTTPS_PROXY'],
    ['https://neutron.example.org', { http_proxy: 'p', all_proxy: 'p' }, 'all_proxy'],
    ['https://neutron.example.org', { http_proxy: 'p', https_proxy: '' }, undefined],
    ['https://neutron.example.org', { https_proxy: 'p', no_proxy: '*' }, undefined],
    ['https://neutron.example.org', { https_proxy: 'p', NO_PROXY: 'a,.example.org' }, undefined],
    ['https://neutron.example.org', { https_proxy: 'p', no_proxy: 'tron.example.org' }, 'https_proxy'],
  ])('%s with %j: %s', (url, variables, expected) => expect(unfollowedProxy(url, variables)).toBe(expected));
});

describe('other writers', () => {
  test('a writer before each of our writes: our pair is added in the end, and all of theirs remain', async () => {
    let left = 12;
    stub.fault = ({ method }) => {
      if (method === 'PUT' && left-- > 0)
        stub.write([...stub.pairs, { ip_address: `10.0.0.${left}`, mac_address: 'fa:16:3e:00:00:01' }]);
      return undefined;
    };
    await newEditor().addPair(PORT, OURS, GUARDED);
    expect(stub.pairs).toHaveLength(14);
    expect(stub.pairs).toEqual(expect.arrayContaining([VIP, LISTED]));
  });

  test('a writer that never ends: forty tries, then an error that says so', async () => {
    stub.fault = ({ method }) => {
      if (method === 'PUT') stub.write(stub.pairs);
      return undefined;
    };
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toContain('412 RevisionNumberConstraintFailed');
    expect(message).toContain('(after 40 tries)');
  });

  test('our own resources do not meet each other: those of one moment are one write', async () => {
    const editor = newEditor();
    const pairs = [1, 2, 3, 4].map((host) => ({ ...OURS, ipAddress: `10.0.0.${host}` }));
    await Promise.all(pairs.map((pair) => editor.addPair(PORT, pair, GUARDED)));
    expect(stub.pairs).toHaveLength(5);
    expect(stub.count('PUT')).toBe(1);
    await Promise.all(pairs.map((pair) => editor.removePair(PORT, pair, GUARDED)));
    expect(stub.pairs).toEqual([VIP]);
    expect(stub.count('PUT')).toBe(2);
  });

  test('those that come while the port is read go with those that were there before', async () => {
    const editor = newEditor();
    const others: Promise<unknown>[] = [];
    stub.fault = ({ method, path }) => {
      const isRead = method === 'GET' && path.startsWith('/ports/');
      if (isRead) others.push(editor.addPair(PORT, { ...OURS, ipAddress: '10.0.0.1' }, GUARDED));
      return undefined;
    };
    await editor.addPair(PORT, OURS, GUARDED);
    await Promise.all(others);
    expect(stub.pairs).toHaveLength(3);
    expect({ gets: stub.count('GET', '/ports/'), puts: stub.count('PUT') }).toEqual({ gets: 1, puts: 1 });
  });

  test('a port that cannot be read fails all who wait for it, at once, and not those who come later', async () => {
    const editor = newEditor();
    stub.fault = ({ path }) => (path.startsWith('/ports/') ? neutronError(404, 'PortNotFound') : undefined);
    const pairs = [1, 2, 3].map((host) => ({ ...OURS, ipAddress: `10.0.0.${host}` }));
    const results = await Promise.allSettled(pairs.map((pair) => editor.addPair(PORT, pair, GUARDED)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(stub.count('GET', '/ports/')).toBe(1);
    stub.fault = () => undefined;
    await editor.addPair(PORT, OURS, GUARDED);
    expect(stub.pairs).toEqual([VIP, LISTED]);
  });

  test('those that come while one is written go next, from what that write left', async () => {
    const editor = newEditor();
    let more: Promise<unknown> | undefined;
    stub.fault = ({ method }) => {
      if (method === 'PUT') more ??= editor.addPair(PORT, { ...OURS, ipAddress: '10.0.0.1' }, GUARDED);
      return undefined;
    };
    await editor.addPair(PORT, OURS, GUARDED);
    await more;
    expect(stub.pairs).toHaveLength(3);
    expect({ gets: stub.count('GET', '/ports/'), puts: stub.count('PUT') }).toEqual({ gets: 1, puts: 2 });
  });

  test('a rejected pair does not fail the others', async () => {
    stub.fault = ({ method, body }) =>
      method === 'PUT' && JSON.stringify(body).includes('10.0.0.2')
        ? neutronError(400, 'HTTPBadRequest', 'not this one')
        : undefined;
    const editor = newEditor();
    const results = await Promise.allSettled(
      [1, 2, 3].map((host) => editor.addPair(PORT, { ...OURS, ipAddress: `10.0.0.${host}` }, GUARDED)),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(stub.pairs.map(({ ip_address }) => ip_address)).toEqual(['192.168.12.5', '10.0.0.1', '10.0.0.3']);
  });
});

test('an unchanged list is not written', async () => {
  stub.pairs = [VIP, { ip_address: '192.168.12.99/32', mac_address: 'E2-65-C0-A8-0C-63' }];
  const { wasPresent } = await newEditor().addPair(PORT, OURS, GUARDED);
  expect({ wasPresent, puts: stub.count('PUT') }).toEqual({ wasPresent: true, puts: 0 });
});

test('a port with as many pairs as it may have: another pair in place of one goes in, one more does not', async () => {
  const others = Array.from({ length: 9 }, (_, index) => ({ ...VIP, ip_address: `10.0.0.${index}` }));
  stub.pairs = [...others, LISTED];
  stub.fault = ({ method, body }) =>
    method === 'PUT' && (body as { port: { allowed_address_pairs: [] } }).port.allowed_address_pairs.length > 10
      ? neutronError(400, 'AllowedAddressPairExhausted')
      : undefined;
  const other = { ...OURS, macAddress: 'e2:65:c0:a8:0c:64' };
  const message = await failure(newEditor().addPair(PORT, other, GUARDED));
  expect(message).toContain('remove them in an earlier update');
  await newEditor().addPair(PORT, other, { ...GUARDED, insteadOf: OURS });
  expect(stub.pairs).toEqual([...others, { ...LISTED, mac_address: other.macAddress }]);
});

describe('tokens', () => {
  test('a token that expires during an operation is replaced once, for all requests', async () => {
    const editor = newEditor();
    await editor.addPair(PORT, { ...OURS, ipAddress: '10.0.0.1' }, GUARDED);
    stub.expired = 1;
    const others = ['11', '12', '13', '14'].map((last) => `7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b${last}`);
    await Promise.all(
      others.map((port, index) => editor.addPair(port, { ...OURS, ipAddress: `10.0.1.${index}` }, GUARDED)),
    );
    expect(stub.tokens).toBe(2);
  });

  test('a new token that is rejected is not requested again and again', async () => {
    stub.fault = ({ path }) => (path.startsWith('/ports/') ? { status: 401 } : undefined);
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toMatch(
      /^GET .*: answered 401 to a token that was just issued to the credentials of cloud "stub"; /,
    );
    expect(message).toContain('the access rules of an application credential must allow this request');
    expect(stub.tokens).toBe(2);
  });

  test('a token that was given cannot be replaced, and the error says so', async () => {
    stub.expired = 1;
    const message = await failure(newEditor(false).addPair(PORT, OURS, GUARDED));
    expect(message).toContain('401 with the credentials of cloud "stub": the token has expired');
  });

  test('credentials that Keystone refuses: whose they are, and what it said', async () => {
    stub.fault = ({ method }) =>
      method === 'POST' ? { status: 401, body: { error: { message: 'not you' } } } : undefined;
    const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
    expect(message).toBe(
      `POST ${stub.url}/v3/auth/tokens: Keystone answered 401 to the credentials of cloud "stub": not you (a wrong secret, ` +
        'a user that is disabled or not in the project, or an application credential that has expired or was deleted)',
    );
    expect(stub.count('POST')).toBe(1);
  });
});

test('nothing is written without the extension revision-if-match, unless it is allowed', async () => {
  stub.hasRevisionGuard = false;
  const message = await failure(newEditor().addPair(PORT, OURS, GUARDED));
  expect(message).toContain('lacks the extension revision-if-match');
  expect(message).toContain('allowUnguardedWrite: true');
  expect(stub.count('PUT')).toBe(0);
  await newEditor().addPair(PORT, OURS, { allowUnguardedWrite: true });
  expect(stub.pairs).toEqual([VIP, LISTED]);
  expect(stub.requests.find(({ method }) => method === 'PUT')!.guard).toBeUndefined();
});
