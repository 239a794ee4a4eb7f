/**
 * Which ways of admitting a router pass through a real OVN, on two nodes: Neutron with ML2/OVN writes the northbound
 * database, northd and the chassis judge the frames. The table of docs/cloud.md says what is measured here.
 */
import { create as addPair } from '../../../cloud/openstack/pair-operations';
import { debianNeutron } from '../server/neutron-release';
import { unpackedFolder } from '../server/openstack';
import { describeWithOvn } from './describe-with-ovn';
import { ALL_NODES, EVERYWHERE, HERE, MAC, NOT_HERE, NOWHERE, ROUTER } from './router-lab';
import { switchBothOff } from './switch-both-off';

const VRRP_MAC = '00:00:5e:00:01:63';

describeWithOvn(
  'ML2/OVN of Neutron 21',
  async () => debianNeutron(unpackedFolder()),
  (lab) => {
    test('clients reach the nodes, and port security drops a router that nothing admits', async () => {
      expect(await lab().nodesReached()).toEqual(ALL_NODES);
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
    });

    test.each([
      ["the router's MAC address", MAC],
      ['a VRRP MAC address', VRRP_MAC],
    ])('pairs with %s on both nodes: the router is reached on one node only', async (_what, mac) => {
      const pairs = ROUTER.map((ip_address) => ({ ip_address, mac_address: mac }));
      expect(await lab().setPorts({ allowed_address_pairs: pairs })).toEqual([200, 200]);
      const { hv1, hv2 } = await lab().reached(mac);
      expect([hv1, hv2]).toContainEqual(HERE);
      expect([hv1, hv2]).toContainEqual(NOT_HERE);
      await lab().setPorts({ allowed_address_pairs: [] });
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

    test('a reservation port: with ignore_lsp_down OVN answers for it, and without it the router is reached', async () => {
      const { fabric, neutron } = lab();
      const { id } = await lab().createPort(99, { security_groups: [] });
      const { restore } = await switchBothOff(lab());
      fabric.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=true');
      const onlyByLan = { machine: [], lan: ROUTER };
      expect(await lab().reached(MAC)).toEqual({ hv1: onlyByLan, hv2: onlyByLan });
      fabric.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=false');
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      await restore();
      await neutron.ask('DELETE', `/ports/${id}`);
    });
  },
);
