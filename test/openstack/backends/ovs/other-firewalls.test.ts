/** What the other firewalls of ML2/OVS do. Their part of the table of docs/cloud.md is measured here. */
import { describeWithBackend } from '../describe-with-backend';
import { ALL_NODES, EVERYWHERE, MAC, NOWHERE } from '../router-lab';
import { switchBothOff } from '../switch-both-off';
import { pairOn, withFirewall } from './firewall';

describe.each(['iptables_hybrid', 'noop'] as const)('%s', (firewall) => {
  describeWithBackend(`ML2/OVS with firewall_driver = ${firewall}`, withFirewall(firewall), (lab) => {
    test('clients reach the nodes, and port security drops a router that nothing admits', async () => {
      expect(await lab().nodesReached()).toEqual(ALL_NODES);
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
    });

    test('pairs on both: the router is reached on both nodes, until destroy removes them', async () => {
      const { restore } = await pairOn(lab(), 0, 1);
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      await restore();
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
    });

    test('without port security the router is reached on both nodes, also after pairs', async () => {
      const { restore } = await switchBothOff(lab());
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      await restore();
    });
  });
});
