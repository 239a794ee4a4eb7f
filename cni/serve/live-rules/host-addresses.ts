import { nameKey } from '../../../src/domain/names/name-key';
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
  private readonly wanted = new Map<string, AddressChange>();

  public set(change: AddressChange): void {
    this.wanted.set(nameKey(change), change);
  }

  /** Nothing before they were set. */
  public get(name: string, family: Family): readonly IpAddress[] | undefined {
    return this.wanted.get(nameKey({ name, family }))?.addresses;
  }

  /** Forgets all others: also a host with fixed addresses, whose name may lead elsewhere when DNS says it again. */
  public retain(hosts: readonly Host[]): void {
    const names = new Set<string>(hosts.map(({ name }) => name));
    for (const [key, { name }] of this.wanted) if (!names.has(name)) this.wanted.delete(key);
  }
}
