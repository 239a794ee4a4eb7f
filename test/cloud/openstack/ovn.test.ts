/**
 * Pairs where ML2/OVN is the backend. What OVN does with their frames is tested with the real one, in test/openstack.
 */
import { create, remove } from '../../../cloud/openstack/pair-operations';
import { NeutronStub, neutronError } from '../../support/neutron-stub';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const OURS = { portId: PORT, ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const LISTED = { ip_address: OURS.ipAddress, mac_address: OURS.macAddress };
const BOUND = { 'binding:vif_details': { port_filter: true, bound_drivers: { '0': 'ovn' } } };

let stub: NeutronStub;
const before = { ...process.env };

beforeEach(async () => {
  stub = await NeutronStub.start();
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('OS_'))) delete process.env[name];
  const variables = { OS_AUTH_URL: stub.url, OS_USERNAME: 'u', OS_PASSWORD: 'secret', OS_PROJECT_NAME: 'p' };
  Object.assign(process.env, variables);
});

afterEach(async () => {
  process.env = { ...before };
  await stub.stop();
});

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );

const WAY_OUT = 'give the nodes a network card of their own for routers, and use disablePortSecurity: true';

test('a pair with a MAC of its own is rejected before any write, with the way out', async () => {
  stub.members = BOUND;
  const message = await failure(create(OURS));
  expect(message).toContain(`port ${PORT}: the backend of this port is ML2/OVN (binding:vif_details): `);
  expect(message).toContain(WAY_OUT);
  expect(stub.count('PUT')).toBe(0);
});

test('an existing pair is adopted and removed there, and the port’s own MAC is accepted', async () => {
  stub.members = BOUND;
  stub.pairs = [LISTED];
  const { outs } = await create(OURS);
  await remove(outs!);
  expect(stub.pairs).toEqual([]);
  const own = { ...OURS, ipAddress: '192.168.12.98', macAddress: 'fa:16:3e:00:00:01' };
  await create(own);
  expect(stub.pairs).toEqual([{ ip_address: '192.168.12.98', mac_address: 'fa:16:3e:00:00:01' }]);
});

test('a port of another backend gets the pair', async () => {
  stub.members = { 'binding:vif_details': { bound_drivers: { '0': 'openvswitch' } } };
  await create(OURS);
  expect(stub.pairs).toEqual([LISTED]);
});

test('a user who cannot see bindings gets the way out with the 400 of newer releases', async () => {
  stub.fault = ({ method }) =>
    method === 'PUT' ? neutronError(400, 'InvalidVirtualMACAddress', 'no VRRP') : undefined;
  const message = await failure(create(OURS));
  expect(message).toContain('400 InvalidVirtualMACAddress: no VRRP; ');
  expect(message).toContain(WAY_OUT);
});
