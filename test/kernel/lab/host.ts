import type { Namespace } from './namespace';

/** An address of each family, with the length of its subnet's prefix. */
export interface HostAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A host with one interface that matters. */
export class Host {
  /** Without the length of the prefix. */
  public readonly ipv4: string;
  public readonly ipv6: string;

  public constructor(
    public readonly namespace: Namespace,
    public readonly link: string,
    addresses: HostAddresses,
  ) {
    this.ipv4 = addresses.ipv4.split('/')[0]!;
    this.ipv6 = addresses.ipv6.split('/')[0]!;
    namespace.batch(
      `link set ${link} up`,
      `addr add ${addresses.ipv4} dev ${link}`,
      `addr add ${addresses.ipv6} dev ${link} nodad`,
    );
  }

  public get mac(): string {
    return macOf(this.namespace, this.link);
  }
}

export function macOf(namespace: Namespace, link: string): string {
  return namespace.ip<{ address: string }>('link', 'show', 'dev', link)[0]!.address;
}
