/**
 * What a Neutron of 2026 with ML2/OVN does otherwise than Debian's. Its part of the table of docs/cloud.md is measured
 * here.
 */
import { create as addPair } from '../../../../cloud/openstack/pair-operations';
import { create, read, remove } from '../../../../cloud/openstack/port-security-operations';
import { neutron29 } from '../../neutron-29/release';
import { describeWithBackend } from '../describe-with-backend';
import { ALL_NODES, EVERYWHERE, MAC, NOWHERE, ROUTER } from '../router-lab';
import { switchBothOff } from '../switch-both-off';
import { Ovn } from './ovn';

const VRRP_MAC = '00:00:5e:00:01:63';
const WAY_OUT = 'give the nodes a network card of their own for routers, and use disablePortSecurity: true';

describeWithBackend('ML2/OVN of Neutron 29', { backend: Ovn.start, release: neutron29 }, (lab) => {
  test('clients reach the nodes, and port security drops a router that nothing admits', async () => {
    expect(await lab().nodesReached()).toEqual(ALL_NODES);
    expect(await lab().reached(MAC)).toEqual(NOWHERE);
  });

  test.each(ROUTER)(
    "Neutron rejects a pair of %s with the router's MAC address, and the component explains",
    async (ipAddress) => {
      const pairs = [{ ip_address: ipAddress, mac_address: MAC }];
      expect(await lab().setPorts({ allowed_address_pairs: pairs })).toEqual([400, 400]);
      const { neutron, ports } = lab();
      const showBindings = neutron.hideBindings();
      try {
        const failure = addPair({ portId: ports[0]!.id, ipAddress, macAddress: MAC });
        await expect(failure).rejects.toThrow(/Neutron answered 400 InvalidVirtualMACAddress: .*e2:65:c0:a8:0c:63/);
        await expect(failure).rejects.toThrow(WAY_OUT);
      } finally {
        showBindings();
      }
      expect(await lab().portOf(0)).toMatchObject({ allowed_address_pairs: [] });
    },
  );

  test('a pair with a VRRP MAC address is accepted on both nodes, and the router is reached on one of them', async () => {
    const [ip_address] = ROUTER;
    const pairs = [{ ip_address, mac_address: VRRP_MAC }];
    expect(await lab().setPorts({ allowed_address_pairs: pairs })).toEqual([200, 200]);
    const found = Object.values(await lab().reached(VRRP_MAC));
    const byIpv4 = found.map(({ machine, lan }) => [machine, lan].map((list) => list.includes(ip_address)));
    expect(byIpv4).toContainEqual([true, true]);
    expect(byIpv4).toContainEqual([false, false]);
    await lab().setPorts({ allowed_address_pairs: [] });
  });

  test('a pair with any MAC address is accepted on a port that is not bound', async () => {
    const { id } = await lab().createPort(50);
    const { neutron } = lab();
    const port = { allowed_address_pairs: [{ ip_address: ROUTER[0], mac_address: MAC }] };
    expect(await neutron.ask('PUT', `/ports/${id}`, { port })).toMatchObject({ status: 200, body: { port } });
    await neutron.ask('DELETE', `/ports/${id}`);
  });

  test('where Neutron says that OVN has bound the port, the component rejects the pair before it writes', async () => {
    const portId = lab().ports[0]!.id;
    await expect(addPair({ portId, ipAddress: ROUTER[0], macAddress: MAC })).rejects.toThrow(
      'is ML2/OVN (binding:vif_details)',
    );
  });

  test('without port security the router is reached on both nodes; drift is found; destroy restores the groups', async () => {
    const { states } = await switchBothOff(lab());
    expect(states).toMatchObject([{ adopted: false }, { adopted: false }]);
    expect(await lab().reached(MAC)).toEqual(EVERYWHERE);

    const { security_groups } = lab().ports[0]!;
    await lab().setPorts({ port_security_enabled: true, security_groups });
    for (const state of states) expect(await read(state)).toEqual({});
    expect(await lab().reached(MAC)).toEqual(NOWHERE);

    const { states: again, restore } = await switchBothOff(lab());
    for (const state of again) expect(await read(state)).toMatchObject({ props: { portId: state.portId } });
    expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
    await restore();
    expect(await lab().portOf(0)).toMatchObject({ port_security_enabled: true, security_groups, tags: [] });
    expect(await lab().reached(MAC)).toEqual(NOWHERE);
  });

  test('a port whose security was off before is adopted, and destroy leaves it off', async () => {
    const off = { port_security_enabled: false, security_groups: [] };
    const { id: portId } = await lab().createPort(51, off);
    const { outs } = await create({ portId });
    expect(outs).toMatchObject({ adopted: true, securityGroups: [] });
    await remove(outs!);
    const { neutron } = lab();
    expect((await neutron.ask('GET', `/ports/${portId}`)).body).toMatchObject({ port: off });
    await neutron.ask('DELETE', `/ports/${portId}`);
  });

  test('a reservation port does no harm: Neutron itself writes ignore_lsp_down=false', async () => {
    const { backend, neutron } = lab();
    expect(backend.nbctl('get', 'NB_Global', '.', 'options:ignore_lsp_down').trim()).toBe('"false"');
    const { id } = await lab().createPort(99, { security_groups: [] });
    const { restore } = await switchBothOff(lab());
    expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
    await restore();
    await neutron.ask('DELETE', `/ports/${id}`);
  });
});
