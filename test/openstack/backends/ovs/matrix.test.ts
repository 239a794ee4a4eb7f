/**
 * Which ways of admitting a router pass ML2/OVS with `firewall_driver = openvswitch`, on two nodes: real agents write
 * the flows that judge the frames. The table of docs/cloud.md says what is measured here.
 */
import { whenFull } from '../../../support/when-full';
import { describeWithBackend } from '../describe-with-backend';
import { HOSTS } from '../hypervisors';
import { ALL_NODES, EVERYWHERE, HERE, MAC, NOT_HERE, NOWHERE, ROUTER } from '../router-lab';
import { switchBothOff } from '../switch-both-off';
import { pairOn, withFirewall } from './firewall';

/** The client among the machines is on the second hypervisor. */
const PAIRS_ON_BOTH = { hv1: { machine: [], lan: ROUTER }, hv2: HERE };

describeWithBackend('ML2/OVS with firewall_driver = openvswitch', withFirewall('openvswitch'), (lab) => {
  // Before the first pair, whose flow stays.
  whenFull('without pairs', () => {
    test('port security drops a router that nothing admits, and without port security it is reached on both nodes', async () => {
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
      const { restore } = await switchBothOff(lab());
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      await restore();
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
    });

    test("a pair on one node's port: the router is reached there only", async () => {
      const { restore } = await pairOn(lab(), 0);
      expect(await lab().reached(MAC)).toEqual({ hv1: HERE, hv2: NOT_HERE });
      await restore();
    });
  });

  test('pairs on both: the router is reached, but not by machines on a hypervisor with the pair, if it is on another', async () => {
    expect(await lab().nodesReached()).toEqual(ALL_NODES);
    const { restore } = await pairOn(lab(), 0, 1);
    expect(await lab().reached(MAC)).toEqual(PAIRS_ON_BOTH);
    await restore();
  });

  whenFull('after pairs', () => {
    test('a reservation port changes nothing', async () => {
      const { id } = await lab().createPort(99, { security_groups: [] });
      const { restore } = await pairOn(lab(), 0, 1);
      expect(await lab().reached(MAC)).toEqual(PAIRS_ON_BOTH);
      await restore();
      await lab().neutron.ask('DELETE', `/ports/${id}`);
    });

    test('the flow of a removed pair stays: without port security the router is not reached until the agents restart', async () => {
      const haveFlow = () =>
        HOSTS.map((host) =>
          lab()
            .backend.flows(host, 60)
            .some((flow) => flow.includes(MAC)),
        );
      const { restore } = await switchBothOff(lab());
      expect(await lab().reached(MAC)).toEqual(NOWHERE);
      expect(haveFlow()).toEqual([true, true]);
      await lab().backend.restartAgents();
      expect(await lab().reached(MAC)).toEqual(EVERYWHERE);
      expect(haveFlow()).toEqual([false, false]);
      await restore();
    });
  });
});
