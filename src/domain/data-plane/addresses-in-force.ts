import type { Host } from '../router/host';
import type { Family, IpAddress } from '../values/ip-address';
import type { PortSpread } from './port-spread';
import { spreadKey } from './spread-changes';

/**
 * The addresses of hosts as their ports have them: after a start of the process those that an earlier one put in force.
 * The kernel's table does not have names: a port is the host's unless another one is known to have it.
 */
export class AddressesInForce {
  private readonly byPort: ReadonlyMap<number, PortSpread>;

  public constructor(spreads: readonly PortSpread[]) {
    const resolved = spreads.filter(({ targets }) => targets.length > 0);
    this.byPort = new Map(resolved.map((each) => [spreadKey(each), each]));
  }

  public of({ name, ports }: Pick<Host, 'name' | 'ports'>, family: Family): readonly IpAddress[] {
    for (const { protocol, routerPort: port, port: targetPort } of ports) {
      const found = this.byPort.get(spreadKey({ protocol, port, family }));
      const isOwn = found?.targetPort === targetPort && (found.host === undefined || found.host === name);
      if (isOwn) return found.targets.map(({ address }) => address);
    }
    return [];
  }
}
