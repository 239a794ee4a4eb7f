/**
 * Which ways of admitting a router pass through a real OVN, on two nodes: Neutron with ML2/OVN writes the northbound
 * database, northd and the chassis judge the frames. The table of docs/cloud.md says what is measured here.
 */
import { create as addPair } from '../../../../cloud/openstack/pair-operations';
import { whenFull } from '../../../support/when-full';
import { debianNeutron } from '../../server/neutron-release';
import { describeWithBackend } from '../describe-with-backend';
import { ALL_NODES, EVERYWHERE, HERE, MAC, NOT_HERE, NOWHERE, ROUTER } from '../router-lab';
import { switchBothOff } from '../switch-both-off';
import { Ovn } from './ovn';

const VRRP_MAC = '00:00:5e:00:01:63';

describeWithBackend('ML2/OVN of Neutron 21', { backend: Ovn.start, release: debianNeutron }, (lab) => {
  /** By which addresses clients reach a router whose pairs are on both nodes. */
  const reachedWithPairs = async (mac: string) => {
    const pairs = ROUTER.map((ip_address) => ({ ip_address, mac_address: mac }));
    expect(await lab().setPorts({ allowed_address_pairs: pairs })).toEqual([200, 200]);
    const { hv1, hv2 } = await lab().reached(mac);
    await lab().setPorts({ allowed_address_pairs: [] });
    return [hv1, hv2];
  };

  test("pairs with the router's MAC address on both nodes: the router is reached on one node only", async () => {
    expect(await lab().nodesReached()).toEqual(ALL_NODES);
    const found = await reachedWithPairs(MAC);
    expect(found).toContainEqual(HERE);
    expect(found).toContainEqual(NOT_HERE);
  });

  test('the component rejects such a pair before it writes, because Neutron says that OVN has bound the port', async () => {
    const portId = lab().ports[0]!.id;
    await expect(addPair({ portId, ipAddress: ROUTER[0], macAddress: MAC })).rejects.toThrow(
      'is ML2/OVN (binding:vif_details)',
    );
    expect(await lab().portOf(0)).toMatchObject({
      'binding:vif_details': { bound_drivers: { '0': 'ovn' } },
      allowed_address_pairs: [],
    });
  });

  test('without port security the router is reached on both nodes, until destroy restores the security groups', async () => {
    const { restore } = await switchBothOff(lab());
    expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
    await restore();
    const { security_groups } = lab().ports[0]!;
    expect(await lab().portOf(0)).toMatchObject({ port_security_enabled: true, security_groups });
    expect(await lab().reached(MAC)).toEqual(NOWHERE);
  });

  whenFull('with other addresses', () => {
    test('pairs with a VRRP MAC address on both nodes: the router is reached on one node only', async () => {
      const found = await reachedWithPairs(VRRP_MAC);
      expect(found).toContainEqual(HERE);
      expect(found).toContainEqual(NOT_HERE);
    });

    test('a reservation port: with ignore_lsp_down OVN answers for it, and without it the router is reached', async () => {
      const { backend, neutron } = lab();
      const { id } = await lab().createPort(99, { security_groups: [] });
      const { restore } = await switchBothOff(lab());
      backend.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=true');
      const onlyByLan = { machine: [], lan: ROUTER };
      expect(await lab().reached(MAC)).toEqual({ hv1: onlyByLan, hv2: onlyByLan });
      backend.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=false');
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      await restore();
      await neutron.ask('DELETE', `/ports/${id}`);
    });
  });
});
