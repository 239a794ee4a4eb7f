import type { Host } from '../router/host';
import type { Family, IpAddress } from '../values/ip-address';
import { isSameHost } from './name-in-table';
import type { PortSpread } from './port-spread';
import { spreadKey } from './spread-changes';

/** The addresses that ports of hosts have: after a start of the process, those that an earlier one put in force. */
export class AddressesInForce {
  private readonly byPort: ReadonlyMap<number, PortSpread>;

  public constructor(spreads: readonly PortSpread[]) {
    const resolved = spreads.filter(({ targets }) => targets.length > 0);
    this.byPort = new Map(resolved.map((each) => [spreadKey(each), each]));
  }

  public of({ name, ports }: Pick<Host, 'name' | 'ports'>, family: Family): readonly IpAddress[] {
    for (const { protocol, routerPort: port, port: targetPort } of ports) {
      const found = this.byPort.get(spreadKey({ protocol, port, family }));
      if (found?.targetPort === targetPort && isSameHost(found.host, name))
        return found.targets.map(({ address }) => address);
    }
    return [];
  }
}
