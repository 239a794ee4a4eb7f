/** What a provider process does, one for each deployment: the module is loaded anew for each. */
import type { PairInputs } from '../../../cloud/openstack/pair-inputs';
import type * as PairOperations from '../../../cloud/openstack/pair-operations';
import { NeutronStub, neutronError } from '../../support/neutron-stub';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const OURS = { portId: PORT, ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const OTHER_MAC = { ...OURS, macAddress: 'e2:65:c0:a8:0c:64' };
const VIP = { ip_address: '192.168.12.5', mac_address: 'fa:16:3e:00:00:01' };

const listed = ({ ipAddress, macAddress }: PairInputs) => ({ ip_address: ipAddress, mac_address: macAddress });

let stub: NeutronStub;
let operations: typeof PairOperations;
const before = { ...process.env };

beforeEach(async () => {
  stub = await NeutronStub.start();
  stub.pairs = [VIP, listed(OURS)];
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('OS_'))) delete process.env[name];
  const variables = { OS_AUTH_URL: stub.url, OS_USERNAME: 'u', OS_PASSWORD: 'secret', OS_PROJECT_NAME: 'p' };
  Object.assign(process.env, variables);
  newProcess();
});

afterEach(async () => {
  process.env = { ...before };
  await stub.stop();
});

function newProcess(): void {
  jest.resetModules();
  operations = require('../../../cloud/openstack/pair-operations');
}

describe('a pair that a resource of the program has', () => {
  const old = { ...OURS, adopted: false };

  test('stays when another resource with it is deleted', async () => {
    operations.check(OURS);
    await operations.remove(old);
    expect({ pairs: stub.pairs, requests: stub.requests }).toEqual({ pairs: [VIP, listed(OURS)], requests: [] });
  });

  test('under another name of its cloud, too: the port is the same', async () => {
    operations.check({ ...OURS, cloud: 'prod' });
    await operations.remove({ ...old, cloud: 'production' });
    expect(stub.requests).toEqual([]);
  });

  test('is removed in the next deployment, in which no resource declares it', async () => {
    operations.check(OURS);
    newProcess();
    await operations.remove(old);
    expect(stub.pairs).toEqual([VIP]);
  });

  test.each([
    ['port', { portId: '11111111-2222-4333-8444-555555555555' }],
    ['IP address', { ipAddress: '192.168.12.98' }],
    ['MAC address', { macAddress: 'e2:65:c0:a8:0c:64' }],
  ])('with another %s is another pair', async (_what, other) => {
    operations.check({ ...OURS, ...other });
    await operations.remove(old);
    expect(stub.pairs).toEqual([VIP]);
  });

  test('stays when another resource with it gets another MAC address', async () => {
    operations.check(OURS);
    operations.check(OTHER_MAC);
    await operations.update(old, OTHER_MAC);
    expect(stub.pairs).toEqual([VIP, listed(OURS), listed(OTHER_MAC)]);
  });

  test('is added again if the other resource was deleted before it was declared', async () => {
    expect(operations.diff(old, OURS)).toMatchObject({ changes: false });
    await operations.remove(old);
    expect(stub.pairs).toEqual([VIP]);
    operations.check(OURS);
    expect(operations.diff(old, OURS)).toMatchObject({ changes: true, replaces: [] });
    await operations.update(old, OURS);
    expect(stub.pairs).toEqual([VIP, listed(OURS)]);
  });
});

describe('another MAC address', () => {
  const old = { ...OURS, adopted: false };

  test('is an update; another port or IP address is a replacement', () => {
    expect(operations.diff(old, OTHER_MAC)).toMatchObject({ changes: true, replaces: [] });
    expect(operations.diff(old, { ...OURS, ipAddress: '192.168.12.98' })).toMatchObject({ replaces: ['ipAddress'] });
    expect(operations.diff(old, { ...OURS, portId: 'other' })).toMatchObject({ replaces: ['portId'] });
  });

  test('takes the place of the old one in one write, whether or not that is still there', async () => {
    await operations.update(old, OTHER_MAC);
    expect({ pairs: stub.pairs, puts: stub.count('PUT') }).toEqual({ pairs: [VIP, listed(OTHER_MAC)], puts: 1 });
    stub.pairs = [VIP];
    await operations.update(old, OTHER_MAC);
    expect(stub.pairs).toEqual([VIP, listed(OTHER_MAC)]);
  });

  test('an update that was done before its engine was killed is not written again', async () => {
    stub.pairs = [VIP, listed(OTHER_MAC)];
    await operations.update(old, OTHER_MAC);
    expect(stub.count('PUT')).toBe(0);
  });

  test('beside an old one that was adopted to be kept', async () => {
    const kept = { ...OURS, keepAdopted: true, adopted: true };
    const { outs } = await operations.update(kept, { ...OTHER_MAC, keepAdopted: true });
    expect(outs).toMatchObject({ adopted: false });
    expect(stub.pairs).toEqual([VIP, listed(OURS), listed(OTHER_MAC)]);
  });
});

test('another cloud or option is not a write, and whether the pair was adopted does not change', async () => {
  const { outs } = await operations.update(
    { ...OURS, adopted: true },
    { ...OURS, cloud: undefined, keepAdopted: true },
  );
  expect({ adopted: outs!.adopted, puts: stub.count('PUT') }).toEqual({ adopted: true, puts: 0 });
});

test('after a kill between write and state a pair counts as adopted: keepAdopted leaves it, unless that is withdrawn', async () => {
  const kept = { ...OURS, keepAdopted: true };
  stub.pairs = [VIP];
  await operations.create(kept);
  newProcess();
  const { outs } = await operations.create(kept);
  expect(outs).toMatchObject({ adopted: true });
  await operations.remove(outs as PairOperations.PairState);
  expect(stub.pairs).toEqual([VIP, listed(OURS)]);
  expect(operations.diff({ ...outs }, OURS)).toMatchObject({ changes: true, replaces: [] });
  const withdrawn = await operations.update(outs as PairOperations.PairState, OURS);
  await operations.remove(withdrawn.outs as PairOperations.PairState);
  expect(stub.pairs).toEqual([VIP]);
});

describe('404', () => {
  const state = { ...OURS, adopted: false };
  const answer = (reply: object) => {
    stub.fault = ({ path }) => (path.startsWith('/ports/') ? { status: 404, ...reply } : undefined);
  };

  test('of Neutron about the port: nothing to read, nothing to take out', async () => {
    answer(neutronError(404, 'PortNotFound'));
    expect(await operations.read(state)).toEqual({});
    await operations.remove(state);
    await expect(operations.create(OURS)).rejects.toThrow(`port ${PORT} does not exist for this user`);
  });

  test.each([
    ['of another server', {}],
    ['of Neutron about the path', neutronError(404, 'HTTPNotFound')],
  ])('%s is an error, of every operation', async (_whose, reply) => {
    answer(reply);
    for (const operation of [operations.read(state), operations.remove(state), operations.create(OURS)]) {
      const expected = new RegExp(
        `^GET ${stub.url}/v2\\.0/ports/${PORT}: Neutron answered 404.*is this the address of the Networking service`,
      );
      await expect(operation).rejects.toThrow(expected);
    }
  });
});
