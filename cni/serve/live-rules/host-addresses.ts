import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import { spreadKey } from '../../../src/domain/data-plane/spread-changes';
import type { Host } from '../../../src/domain/router/host';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';

/** Other addresses of a resolved host, of one family. */
export interface AddressChange {
  readonly name: string;
  readonly family: Family;
  readonly addresses: readonly IpAddress[];
}

/** The addresses that resolved hosts are to have. They outlive changes of the hosts' ports. */
export class HostAddresses {
  private readonly wanted = new Map<string, readonly IpAddress[]>();

  public set({ name, family, addresses }: AddressChange): void {
    this.wanted.set(keyOf(name, family), addresses);
  }

  /** Nothing before they were set. */
  public get(name: string, family: Family): readonly IpAddress[] | undefined {
    return this.wanted.get(keyOf(name, family));
  }

  /** Forgets all other hosts. */
  public retain(hosts: readonly Host[]): void {
    const names = new Set<string>(hosts.map(({ name }) => name));
    for (const key of this.wanted.keys()) if (!names.has(key.slice(2))) this.wanted.delete(key);
  }
}

function keyOf(name: string, family: Family): string {
  return `${family} ${name}`;
}

/**
 * The addresses of a host as its ports have them: after a start of the process those that an earlier one put in force.
 * The kernel's table does not have names: a port is the host's unless another one is known to have it.
 */
export function addressesInForce(spreads: readonly PortSpread[], host: Host, family: Family): readonly IpAddress[] {
  const ports = new Map(
    host.ports.map(({ protocol, routerPort: port, port: targetPort }) => [
      spreadKey({ protocol, port, family }),
      targetPort,
    ]),
  );
  const own = spreads.find(
    (each) =>
      each.targets.length > 0 &&
      ports.get(spreadKey(each)) === each.targetPort &&
      (each.host === undefined || each.host === host.name),
  );
  return own?.targets.map(({ address }) => address) ?? [];
}
