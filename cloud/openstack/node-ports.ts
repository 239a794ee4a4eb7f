import { ConfigError } from '../../src/domain/input/issue';
import type { Connection } from './client/credentials';
import type { NodeToLookUp } from './ports-arguments';

/**
 * Finds the id of the port of a node, given by its server or its address.
 *
 * @throws an error with the node's path unless exactly one port matches, or if a request fails
 */
export async function lookUpPort(
  { path, lookUp: node }: NodeToLookUp,
  where: string,
  connection: Connection,
): Promise<string> {
  // Loaded only to look up a node, because it needs most of the package's code.
  const { findPort } = require('./find-port') as typeof import('./find-port');
  const found = await findPort(node, connection);
  if (typeof found !== 'string') return found.portId;
  const [key, value, accepted] =
    'ip' in node
      ? ['ip', node.ip, 'an address of exactly one port; networkId selects one of several']
      : [
          'server',
          node.server,
          'the name of one server with one port; networkId selects one of several, or portId names a port',
        ];
  throw new ConfigError([{ path: `${path}.${key}`, value, problem: found, accepted }], where);
}

/** The node of each port: two nodes on one port would be two resources for one pair. */
export class PortOwners {
  private readonly nodes = new Map<string, string>();

  public constructor(private readonly where: string) {}

  /** Returns the port. @throws if another node has it */
  public record(portId: string, node: string): string {
    const other = this.nodes.get(portId);
    if (other !== undefined) {
      const problem = `is on the same port as ${other}`;
      throw new ConfigError([{ path: node, value: portId, problem, accepted: 'each port once' }], this.where);
    }
    this.nodes.set(portId, node);
    return portId;
  }
}
