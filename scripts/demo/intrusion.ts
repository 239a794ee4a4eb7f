import { ask, type Service, startEcho } from '../../test/kernel/lab/echo';
import { LAN, PODS, RESERVED } from '../../test/kernel/lab/layout';
import type { Network } from './network';
import { explain, say } from './said';

/** Another host of the LAN takes the reserved address for a router into the cluster. */
export async function showIntrusion(network: Network): Promise<void> {
  const { client, node } = network;
  const [clientAddress, hostAddress] = [PODS.client.ipv4, LAN.outsider.ipv4.split('/')[0]];
  const host = network.host('host', LAN.outsider);
  host.route(PODS.subnet4, 'lan0', RESERVED.ipv4);
  const service: Service = `tcp ${clientAddress} 7000`;
  await startEcho(client, service);
  const own = await ask(node, service);
  const foreign = await ask(host, service, { milliseconds: 1000 });
  if (own.peer === undefined) throw new Error(`${clientAddress} port 7000 did not answer its own node: ${own.error}`);
  if (foreign.peer !== undefined) throw new Error(`${hostAddress} reached ${clientAddress} port 7000`);
  say(`TCP from LAN host ${hostAddress} by ${RESERVED.ipv4} to ${clientAddress} port 7000`);
  explain(`no answer (${foreign.error}); the same port answers the client's node, ${own.peer}`);
}
