import { randomUUID } from 'node:crypto';
import type { PairInputs } from '../../cloud/openstack/pair-inputs';
import { check, create, read, remove, update } from '../../cloud/openstack/pair-operations';
import { OpenStackAdmin } from './server/admin';
import { describeWithOpenStack, passwordVariables } from './server/describe-with-openstack';

const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';
const OURS = `${IP} ${MAC}`;

describeWithOpenStack('operations on one pair', (cloud) => {
  const before = { ...process.env };

  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OS_')) delete process.env[name];
    Object.assign(process.env, cloud().variables);
  });

  afterAll(() => {
    process.env = before;
  });

  async function node(wish: object = {}) {
    const { admin, networkId } = cloud();
    const { id: portId } = await admin.createPort(networkId, { pairs: INSTALLERS, ...wish });
    return { inputs: { portId, ipAddress: IP, macAddress: MAC }, portId, installers: await admin.pairs(portId) };
  }

  /** The message of what an operation fails with. No message holds a secret. */
  async function failure(inputs: PairInputs): Promise<string> {
    const error = await create(inputs).then(
      () => new Error('it did not fail'),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).not.toContain(cloud().admin.address.password);
    return error.message;
  }

  describe('refused before any request', () => {
    const portId = randomUUID();
    test.each([
      ['portId', 'worker-1', 'portId: "worker-1" is not a UUID; accepted: the id of a port'],
      ['ipAddress', '192.168.12', 'ipAddress: "192.168.12"'],
      ['ipAddress', '192.168.12.99/24', 'ipAddress: "192.168.12.99/24" has bits behind its prefix length'],
      ['ipAddress', '192.168.12.0/33', 'ipAddress: "192.168.12.0/33"'],
      ['macAddress', '02:00:c0:a8:0c', 'macAddress: "02:00:c0:a8:0c"'],
      ['macAddress', undefined, 'macAddress: (nothing) is missing'],
    ])('%s %j', (property, value, reason) => {
      const { failures } = check({ portId, ipAddress: IP, macAddress: MAC, [property]: value });
      expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
      expect(cloud().gate.passed).toEqual([]);
    });

    test('missing credentials: the error names the searched files', async () => {
      const { inputs } = await node();
      for (const name of Object.keys(process.env)) if (name.startsWith('OS_')) delete process.env[name];
      expect(await failure(inputs)).toMatch(
        /no credentials for OpenStack.*OS_AUTH_URL is not set.*\/etc\/openstack\/clouds\.yaml/,
      );
      expect(cloud().gate.passed).toEqual([]);
    });
  });

  describe('requests that Neutron rejects', () => {
    test('a shared network of another project: the error says who may set pairs', async () => {
      const { admin, networkId } = cloud();
      const name = `member-${randomUUID().slice(0, 8)}`;
      const member = await admin.createMember(name, 'password-of-a-member');
      await admin.neutron('POST', '/rbac-policies', {
        rbac_policy: { object_type: 'network', object_id: networkId, action: 'access_as_shared', target_tenant: '*' },
      });
      const own = await OpenStackAdmin.login(member);
      const { id: portId } = await own.createPort(networkId);
      Object.assign(process.env, passwordVariables(member));
      const message = await failure({ portId, ipAddress: IP, macAddress: MAC });
      expect(message).toContain(`PUT ${cloud().gate.url}/v2.0/ports/${portId}: Neutron answered 403`);
      expect(message).toContain("only the owner of the port's network and administrators may set address pairs");
    });

    test('port security off: no pair is needed', async () => {
      const { admin, networkId } = cloud();
      const { id: portId } = await admin.createPort(networkId, { portSecurity: false });
      const message = await failure({ portId, ipAddress: IP, macAddress: MAC });
      expect(message).toContain('409 AddressPairAndPortSecurityRequired');
      expect(message).toContain('port security is off on this port');
    });

    test('ten pairs already: the limit, and what to do', async () => {
      const pairs = Array.from({ length: 10 }, (_, index) => ({ ip_address: `10.20.0.${index + 1}` }));
      const { inputs, installers } = await node({ pairs });
      const message = await failure(inputs);
      expect(message).toMatch(/400 AllowedAddressPairExhausted.*max_allowed_address_pair/);
      expect(message).toContain('remove them in an earlier update');
      expect(await cloud().admin.pairs(inputs.portId)).toEqual(installers);
    });

    test('an endpoint that is not Neutron’s: no port counts as removed', async () => {
      const { inputs, portId, installers } = await node();
      const { outs } = await create(inputs);
      process.env.OS_NETWORK_ENDPOINT_OVERRIDE = `${cloud().gate.url}/elsewhere/v2.0`;
      const said =
        /GET .*\/elsewhere\/v2\.0\/ports\/.*Neutron answered 404.*is this the address of the Networking service/;
      await expect(read(outs!)).rejects.toThrow(said);
      await expect(remove(outs!)).rejects.toThrow(said);
      expect(await failure(inputs)).toMatch(said);
      expect(await cloud().admin.pairs(portId)).toEqual([...installers, OURS].sort());
    });

    test('without revision-if-match, which every Neutron of today has: nothing is written', async () => {
      const { inputs } = await node();
      // The same Neutron, as one that was not asked yet: it is asked once.
      process.env.OS_NETWORK_ENDPOINT_OVERRIDE = `${cloud().gate.url}/v2.0`;
      cloud().gate.keeper = {
        before: ({ path }) => (path.endsWith('/revision-if-match') ? { status: 404 } : undefined),
      };
      const message = await failure(inputs);
      expect(message).toContain('lacks the extension revision-if-match');
      expect(message).toContain('allowUnguardedWrite: true accepts that');
      expect(cloud().gate.writes).toBe(0);
    });

    test('no such port', async () => {
      const portId = randomUUID();
      const message = await failure({ portId, ipAddress: IP, macAddress: MAC });
      expect(message).toContain('404 PortNotFound');
      expect(message).toContain(`port ${portId} does not exist for this user`);
    });

    test('a password that is wrong: whose it is', async () => {
      const { inputs } = await node();
      process.env.OS_PASSWORD = 'wrong';
      expect(await failure(inputs)).toMatch(/Keystone answered 401 to the credentials of the OS_\* variables/);
      expect(cloud().gate.passed).toEqual([]);
    });
  });

  test('a pair in another spelling is the same pair: no write, and it is found and taken out', async () => {
    const { admin, gate } = cloud();
    const { portId, installers } = await node();
    const inputs = { portId, ipAddress: '2001:db8::99', macAddress: MAC };
    const { allowed_address_pairs } = await admin.port(portId);
    const spelled = { ip_address: '2001:DB8:0:0::99/128', mac_address: MAC.toUpperCase() };
    await admin.setPairs(portId, [...allowed_address_pairs, spelled]);

    const { outs } = await create(inputs);
    expect(outs).toMatchObject({ adopted: true });
    expect(gate.writes).toBe(0);
    expect(await read({ ...inputs, adopted: true })).toMatchObject({ id: `${portId}/2001:db8::99` });
    await remove({ ...inputs, adopted: true });
    expect(await admin.pairs(portId)).toEqual(installers);
    expect(await read({ ...inputs, adopted: true })).toEqual({});
  });

  test('another MAC address on a port with ten pairs: in place of the old one, in one write', async () => {
    const { admin, gate } = cloud();
    const others = Array.from({ length: 9 }, (_, index) => ({ ip_address: `10.20.0.${index + 1}` }));
    const { inputs, portId, installers } = await node({ pairs: others });
    const { outs } = await create(inputs);
    gate.reset();
    const macAddress = '02:00:00:00:00:01';
    await update(outs!, { ...inputs, macAddress });
    expect(await admin.pairs(portId)).toEqual([...installers, `${IP} ${macAddress}`].sort());
    expect(gate.writes).toBe(1);
  });

  test('a pair of the same address with the port’s own MAC is another pair, and stays', async () => {
    const { admin } = cloud();
    const { inputs, portId, installers } = await node({ pairs: [...INSTALLERS, { ip_address: IP }] });
    const { outs } = await create(inputs);
    expect(await admin.pairs(portId)).toEqual([...installers, OURS].sort());
    await remove(outs!);
    expect(await admin.pairs(portId)).toEqual(installers);
  });

  test('a token that is revoked between GET and PUT: one more is got, and the pair is in', async () => {
    const { admin, gate } = cloud();
    const { inputs, portId, installers } = await node();
    let first: string | undefined;
    gate.keeper = {
      before: async (request) => {
        // Neutron knows the first token for minutes, so it gets one that it has not seen, and that Keystone has
        // revoked.
        first ??= request.token;
        if (request.method === 'PUT' && request.token === first) request.token = await revokedToken();
        return undefined;
      },
    };
    async function revokedToken() {
      const { token } = await OpenStackAdmin.login(admin.address);
      await admin.revoke(token);
      return token;
    }
    await create(inputs);
    expect(await admin.pairs(portId)).toEqual([...installers, OURS].sort());
    expect(gate.passed.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
  });

  test.each([500, 503])('Neutron answers %d twice: the pair is in, once', async (status) => {
    const { admin, gate } = cloud();
    const { inputs, portId, installers } = await node();
    let failures = 2;
    gate.keeper = { before: ({ method }) => (method === 'PUT' && failures-- > 0 ? { status } : undefined) };
    const { outs } = await create(inputs);
    expect(outs).toMatchObject({ adopted: false });
    expect(await admin.pairs(portId)).toEqual([...installers, OURS].sort());
  });

  test('another writer between our GET and our PUT: both pairs are there', async () => {
    const { admin, gate } = cloud();
    const { inputs, portId, installers } = await node();
    const theirs = { ip_address: '10.20.0.9', mac_address: 'fa:16:3e:00:00:09' };
    let isFirst = true;
    gate.keeper = {
      before: async ({ method }) => {
        if (method !== 'PUT' || !isFirst) return undefined;
        isFirst = false;
        const { allowed_address_pairs } = await admin.port(portId);
        await admin.setPairs(portId, [...allowed_address_pairs, theirs]);
        return undefined;
      },
    };
    await create(inputs);
    expect(await admin.pairs(portId)).toEqual(
      [...installers, OURS, `${theirs.ip_address} ${theirs.mac_address}`].sort(),
    );
    expect(gate.writes).toBe(2);
  });
});
