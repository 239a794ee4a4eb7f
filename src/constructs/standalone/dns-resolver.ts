import type { Field } from '../../domain/input/decoder';

/** Which address of the router's pod asks DNS servers. */
export enum DnsSource {
  /** The pod's own, on the cluster network: it reaches the servers that the node reaches. */
  POD = 'pod',
  /** The reserved address, by net1: for DNS servers on the LAN or behind its gateway. */
  RESERVED_ADDRESS = 'reserved',
}

/** How a router resolves names of hosts, whichever servers it asks. */
export interface DnsResolverOptions {
  /**
   * Whether the router is unready as long as a host has no address. A name that was resolved once keeps its last
   * addresses, and does not count.
   *
   * @default false: the other hosts and rules work, and connections to the host are refused
   */
  readonly unresolvedIsUnready?: boolean;
}

/** How a router asks given DNS servers. */
export interface DnsServersOptions extends DnsResolverOptions {
  /**
   * Which address asks.
   *
   * @default DnsSource.POD, which also reaches servers that are not on the LAN, and needs no entry in a firewall for
   * the reserved address
   */
  readonly source?: DnsSource;
}

/**
 * The DNS servers that a router asks for hosts without addresses. Never the cluster's own: that may lead a name back to
 * the router's Service.
 */
export class DnsResolver {
  /**
   * Given servers, asked in turn.
   *
   * @param addresses IP addresses, outside the cluster's networks of pods and Services
   * @param options which address asks
   */
  public static servers(addresses: string[], options: DnsServersOptions = {}): DnsResolver {
    return new DnsResolver(options?.source ?? DnsSource.POD, addresses, options?.unresolvedIsUnready);
  }

  /**
   * The node's servers, which the pod gets by `dnsPolicy: Default`, asked from the pod's own address. The router
   * refuses a stub on the node's loopback, such as 127.0.0.53 of systemd-resolved, and a server of the cluster: its log
   * and its readiness say so.
   *
   * @param options what an unresolved name means
   */
  public static node(options: DnsResolverOptions = {}): DnsResolver {
    return new DnsResolver(DnsSource.POD, undefined, options?.unresolvedIsUnready);
  }

  private constructor(
    /** Which address asks. */
    public readonly source: DnsSource,
    /** The given servers; undefined: the node's. */
    public readonly serverAddresses?: string[],
    /** Whether the router is unready as long as a host has no address. */
    public readonly unresolvedIsUnready?: boolean,
  ) {}
}

/** The options of a resolver as plain values, of this copy of the library or of another. */
export function resolverOptions(value: unknown): object | undefined {
  const resolver = value as Partial<DnsResolver> | null | undefined;
  if (!Object.values(DnsSource).includes(resolver?.source as DnsSource)) return undefined;
  const { serverAddresses: servers, source, unresolvedIsUnready } = resolver as DnsResolver;
  return { servers, source, unresolvedIsUnready };
}

/** Refuses a value that is not a resolver. */
export function checkResolver(field: Field): void {
  if (field.isPresent && resolverOptions(field.value) === undefined)
    field.refuse('is not a DnsResolver', 'DnsResolver.servers([…]) or DnsResolver.node()');
}
