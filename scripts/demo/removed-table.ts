import { deleteTable } from '../../cni/netlink/nftables/table';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { ask, type Service } from '../../test/kernel/lab/echo';
import { PODS } from '../../test/kernel/lab/layout';
import { Capture } from './capture';
import type { Network } from './network';
import type { RouterPod } from './router-pod';
import type { RouterProcess } from './router-process';
import { explain, say } from './said';
import { failures } from './silent-gateway';

/** Removes the router's table: its clients are rejected, and none of their packets reaches the LAN. */
export async function showRemovedTable(network: Network, pod: RouterPod, router: RouterProcess): Promise<void> {
  const service: Service = `tcp ${PODS.router.ipv4} 8443`;
  using capture = new Capture(network.gateway, 'lan0');
  removeTable(pod);
  capture.frames();
  const { peer, error } = await ask(network.client, service, { milliseconds: 1000 });
  if (peer !== undefined) throw new Error(`without its table, the router let ${peer} through`);
  const leaked = capture.frames().filter(({ source }) => source === PODS.client.ipv4);
  if (leaked.length > 0) throw new Error(`without its table, the router let ${leaked.length} frames of the client out`);
  const { answer } = await router.until('/readyz', (text) => text.includes('failed'));
  say(
    `table inet ${TABLE_NAME} is removed, and the router fails closed: TCP from ${PODS.client.ipv4} to its port 8443`,
  );
  explain(`${error}; no frame of ${PODS.client.ipv4} on the LAN; the router is not ready:`);
  for (const line of failures(answer)) explain(line);
}

function removeTable(pod: RouterPod): void {
  using socket = pod.openNetfilter();
  const requests = deleteTable(TABLE_NAME);
  socket.transaction(requests, `nft delete table inet ${TABLE_NAME}`);
}
