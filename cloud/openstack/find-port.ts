import type { Connection } from './client/credentials';
import type { Port } from './client/neutron';
import { OpenStackError } from './client/openstack-error';
import { withRetries } from './client/retry';
import { serverText } from './client/server-text';
import { clientOf } from './cloud-client';
import type { NodeByAddress, NodeByServer } from './egress-router-ports-args';

/**
 * Finds the id of a node's port, by the name of its server or by an address of the port.
 *
 * @returns the id, or a predicate that completes the sentence "VALUE …" unless exactly one port matches
 * @throws an `OpenStackError` if a request fails
 */
export async function findPort(
  node: NodeByServer | NodeByAddress,
  connection: Connection,
): Promise<{ readonly portId: string } | string> {
  const network: Record<string, string> = node.networkId === undefined ? {} : { network_id: node.networkId };
  const { neutron } = clientOf(connection);
  if ('ip' in node) {
    return onlyPort(await neutron.ports({ fixed_ips: `ip_address=${node.ip}`, ...network }), 'is the address of');
  }
  const servers = await serversNamed(node.server, connection);
  if (servers.length === 0) return 'is not a server that this user can see';
  if (servers.length > 1) return `is the name of ${servers.length} servers (${serverText(servers.join(', '))})`;
  return onlyPort(await neutron.ports({ device_id: servers[0]!, ...network }), 'has');
}

function onlyPort(ports: readonly Port[], verb: string): { readonly portId: string } | string {
  if (ports.length === 1) return { portId: ports[0]!.id };
  if (ports.length === 0) return `${verb} no port that this user can see`;
  const which = ports.map(({ id, network_id }) => `${id} on network ${network_id}`).join(', ');
  return `${verb} ${ports.length} ports (${serverText(which)})`;
}

/** The ids of the servers with this name. Nova's filter is a regular expression that matches a part of the name. */
async function serversNamed(name: string, connection: Connection): Promise<string[]> {
  const pattern = `^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  const path = `/servers?${new URLSearchParams({ name: pattern })}`;
  const { session } = clientOf(connection);
  return withRetries(async () => {
    const { status, url, body } = await session.send({ service: 'compute', method: 'GET', path });
    if (status !== 200) throw new OpenStackError(`${url}: Nova answered ${status}`, status);
    const { servers } = body as { servers: { id: string; name: string }[] };
    return servers.filter((server) => server.name === name).map(({ id }) => id);
  }, session.patience);
}
