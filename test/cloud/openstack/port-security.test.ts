/** Ports without port security: what a provider process does, one for each deployment. */
import type * as Operations from '../../../cloud/openstack/port-security-operations';
import { NeutronStub, neutronError } from '../../support/neutron-stub';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const [WEB, SSH] = ['11111111-2222-4333-8444-555555555555', '22222222-2222-4333-8444-555555555555'];
const PAIR = { ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const LISTED = { ip_address: '192.168.12.99', mac_address: 'E2-65-C0-A8-0C-63' };
const VIP = { ip_address: '192.168.12.5', mac_address: 'fa:16:3e:00:00:01' };
const INPUTS = { portId: PORT, routerPairs: [PAIR] };
const OFF_TAG = 'egress-router-port-security-off';
const OFF = { port_security_enabled: false, security_groups: [] };
const ON = { port_security_enabled: true, security_groups: [WEB, SSH] };

let stub: NeutronStub;
let operations: typeof Operations;
let warnings: string[];
const before = { ...process.env };

beforeEach(async () => {
  stub = await NeutronStub.start();
  stub.securityGroups = [WEB, SSH];
  stub.members = { ...ON };
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('OS_'))) delete process.env[name];
  const variables = { OS_AUTH_URL: stub.url, OS_USERNAME: 'u', OS_PASSWORD: 'secret', OS_PROJECT_NAME: 'p' };
  Object.assign(process.env, variables);
  warnings = [];
  jest.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
  newProcess();
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await stub.stop();
});

function newProcess(): void {
  jest.resetModules();
  operations = require('../../../cloud/openstack/port-security-operations');
}

const create = async () => (await operations.create(INPUTS)).outs as Operations.PortSecurityState;

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );

test('port security goes off and on in one write each, and the security groups are restored', async () => {
  const state = await create();
  expect(state).toEqual({ ...INPUTS, adopted: false, securityGroups: [WEB, SSH] });
  expect(stub.members).toEqual(OFF);
  expect(warnings).toEqual([
    `port ${PORT}: port security is off, so every MAC and IP address passes; the security groups ${WEB}, ${SSH} are taken ` +
      'off; destroy restores both',
  ]);
  newProcess();
  await operations.remove(state);
  expect({ members: stub.members, tags: stub.tags }).toEqual({ members: ON, tags: [] });
  expect(stub.requests.filter(({ method, path }) => method === 'PUT' && !path.includes('tags'))).toHaveLength(2);
});

test('the tags on the port are short enough for every release', async () => {
  await create();
  expect(stub.tags).toHaveLength(3);
  for (const tag of stub.tags) expect(tag.length).toBeLessThanOrEqual(60);
});

test('pairs of the routers go with port security, pairs of others are rejected before any write', async () => {
  stub.pairs = [LISTED, VIP];
  expect(await failure(create())).toBe(
    `port ${PORT} has address pairs of another program (192.168.12.5 fa:16:3e:00:00:01), which would be lost with port ` +
      'security; accepted: the port of a network card that only routers use',
  );
  expect({ puts: stub.count('PUT'), members: stub.members }).toEqual({ puts: 0, members: ON });
  stub.pairs = [LISTED];
  await create();
  expect({ pairs: stub.pairs, members: stub.members }).toEqual({ pairs: [], members: OFF });
});

test('texts of Neutron in an error and a warning are printable and bounded', async () => {
  const hostile = '\u001b]0;pwned\u0007';
  stub.pairs = [{ ip_address: hostile, mac_address: 'x'.repeat(10_000) }];
  const message = await failure(create());
  expect(message).toContain('address pairs of another program (\\u001b]0;pwned\\u0007 xxx');
  expect(message.length).toBeLessThan(600);
  stub.pairs = [];
  stub.members = { ...ON, security_groups: [hostile] };
  await create();
  expect(warnings).toEqual([expect.stringContaining('the security groups \\u001b]0;pwned\\u0007 are taken off')]);
});

test('a port whose security was off before is adopted without a write, and destroy leaves it off', async () => {
  stub.members = { ...OFF };
  const state = await create();
  expect(state).toMatchObject({ adopted: true, securityGroups: [] });
  newProcess();
  await operations.remove(state);
  expect({ puts: stub.count('PUT'), members: stub.members }).toEqual({ puts: 0, members: OFF });
});

test('after a kill between write and state the groups are not lost: the port itself names them', async () => {
  await create();
  newProcess();
  warnings = [];
  const state = await create();
  expect(state).toMatchObject({ adopted: false, securityGroups: [WEB, SSH] });
  expect(warnings).toEqual([expect.stringContaining(`port ${PORT}: a resource of this package has switched`)]);
  expect(warnings[0]).toContain('or one of another stack. Two stacks do not know of each other');
  newProcess();
  await operations.remove(state);
  expect(stub.members).toEqual(ON);
});

test('a resource with another name takes the port over, and restores it later', async () => {
  const old = await create();
  newProcess();
  operations.check(INPUTS);
  const renamed = await create();
  await operations.remove(old);
  expect(stub.members).toEqual(OFF);
  newProcess();
  await operations.remove(renamed);
  expect(stub.members).toEqual(ON);
});

test('a port that another resource restored before this one was declared is switched off again', async () => {
  const old = await create();
  newProcess();
  await operations.remove(old);
  operations.check(INPUTS);
  expect(operations.diff({ ...old }, INPUTS)).toMatchObject({ changes: true, replaces: [] });
  await operations.update(old, INPUTS);
  expect(stub.members).toEqual(OFF);
});

test('destroy restores the port by the state where another program has dropped the tags', async () => {
  const state = await create();
  stub.tags = [];
  newProcess();
  await operations.remove(state);
  expect(stub.members).toEqual(ON);
});

test('a security group that was deleted meanwhile is left out, with a warning', async () => {
  const state = await create();
  stub.securityGroups = [SSH];
  newProcess();
  warnings = [];
  await operations.remove(state);
  expect(stub.members).toEqual({ port_security_enabled: true, security_groups: [SSH] });
  expect(warnings).toEqual([
    `warning: port ${PORT}: port security is on again, without the security groups ${WEB}: they were deleted, or these ` +
      'credentials cannot see them',
  ]);
});

test('drift: port security that is on again is found, and the next create records the new groups', async () => {
  const state = await create();
  expect(await operations.read(state)).toMatchObject({ id: PORT });
  stub.members = { port_security_enabled: true, security_groups: [SSH] };
  expect(await operations.read(state)).toEqual({});
  const again = await create();
  expect(again).toMatchObject({ adopted: false, securityGroups: [SSH] });
  newProcess();
  await operations.remove(again);
  expect({ members: stub.members, tags: stub.tags }).toEqual({
    members: { port_security_enabled: true, security_groups: [SSH] },
    tags: [],
  });
});

test('a writer between our requests: its security group is recorded and restored', async () => {
  let isDone = false;
  stub.fault = ({ method, path }) => {
    if (!isDone && method === 'PUT' && !path.includes('tags')) {
      isDone = true;
      stub.members.security_groups = [SSH];
      stub.revision++;
    }
    return undefined;
  };
  const state = await create();
  expect(state.securityGroups).toEqual([SSH]);
  newProcess();
  await operations.remove(state);
  expect(stub.members).toEqual({ port_security_enabled: true, security_groups: [SSH] });
});

test('a rejected write leaves nothing half-made: no tag stays, and the error says who may', async () => {
  stub.fault = ({ method, path }) =>
    method === 'PUT' && !path.includes('tags') ? neutronError(403, 'PolicyNotAuthorized') : undefined;
  const message = await failure(create());
  expect(message).toContain('403 PolicyNotAuthorized');
  expect(message).toContain('update_port:port_security_enabled');
  expect({ tags: stub.tags, members: stub.members }).toEqual({ tags: [], members: ON });
});

test('a pair of another program that arrives between tags and write: the refusal leaves no tag', async () => {
  stub.fault = ({ path }) => {
    if (path.includes(OFF_TAG)) stub.write([VIP]);
    return undefined;
  };
  expect(await failure(create())).toContain('address pairs of another program (192.168.12.5 fa:16:3e:00:00:01)');
  expect({ tags: stub.tags, members: stub.members }).toEqual({ tags: [], members: ON });
});

test('a tag that Neutron rejects: the tags before it do not stay', async () => {
  stub.fault = ({ method, path }) =>
    method === 'PUT' && path.includes(OFF_TAG) ? neutronError(403, 'PolicyNotAuthorized') : undefined;
  expect(await failure(create())).toContain('403 PolicyNotAuthorized');
  expect({ tags: stub.tags, members: stub.members }).toEqual({ tags: [], members: ON });
});

test('a write whose answers are lost keeps the tags that restore the port', async () => {
  stub.fault = (request) => {
    if (request.method !== 'PUT' || request.path.includes('tags')) return undefined;
    stub.answer(request);
    return 'cut';
  };
  const state = await create();
  expect(state).toMatchObject({ adopted: false, securityGroups: [WEB, SSH] });
  expect(stub.tags).toHaveLength(3);
  expect(warnings).toEqual([]);
});

test('a cloud without port security has nothing to switch off', async () => {
  stub.members = {};
  expect(await failure(create())).toContain("this cloud's Neutron lacks the extension port-security");
  expect(stub.count('PUT')).toBe(0);
});

test('a port that was deleted: refresh and destroy do not fail, create explains', async () => {
  const state = await create();
  newProcess();
  stub.fault = ({ path }) => (path.startsWith('/ports/') ? neutronError(404, 'PortNotFound') : undefined);
  expect(await operations.read(state)).toEqual({});
  await operations.remove(state);
  newProcess();
  expect(await failure(create())).toContain(`port ${PORT} does not exist for this user`);
});
