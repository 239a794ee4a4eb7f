import { DNS_PORT } from '../../../src/domain/data-plane/own-services';
import type { NameAnswer } from '../../../src/domain/names/name-answer';
import type { NameResolver } from '../../../src/domain/router/name-resolver';
import type { ReservedAddress } from '../../../src/domain/router/reserved-address';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { DnsClient, type DnsPatience } from './dns-client';
import type { AddressQuestion } from './dns-message';
import { NodeServers } from './node-servers';
import type { Resolver } from './question-queue';

export interface NameServersOptions {
  readonly resolver: NameResolver;
  readonly addresses: readonly ReservedAddress[];
  /** Of the servers. */
  readonly port?: number;
  readonly patience?: DnsPatience;
}

/** The DNS servers that a router asks: the given ones, or the node's, which may change. */
export class NameServers implements Resolver {
  private readonly node: NodeServers | undefined;
  private client: DnsClient | undefined;

  public constructor(private readonly options: NameServersOptions) {
    const { servers, clusterCidrs } = options.resolver;
    if (servers !== undefined) this.client = this.clientOf(servers);
    else this.node = new NodeServers(clusterCidrs);
    this.refresh();
  }

  /** What is wrong with servers of the node; they are not asked. */
  public get problems(): readonly string[] {
    return this.node?.current.problems ?? [];
  }

  /** Reads the node's servers, if they may have changed. */
  public refresh(): void {
    if (this.node?.refresh()) this.client = this.clientOf(this.node.current.servers);
  }

  /** Without a server, none can be reached. */
  public async ask(question: AddressQuestion): Promise<NameAnswer> {
    return this.client === undefined ? { failure: 'unreachable' } : this.client.ask(question);
  }

  private clientOf(servers: readonly IpAddress[]): DnsClient | undefined {
    if (servers.length === 0) return undefined;
    const { port = DNS_PORT, patience } = this.options;
    return new DnsClient({
      ...patience,
      servers: servers.map((address) => {
        const source = this.sourceOf(address);
        return { address, port, ...(source === undefined ? {} : { source }) };
      }),
    });
  }

  /** Without a source, the kernel takes the pod's own address: main has no route by net1 that counts. */
  private sourceOf({ family }: IpAddress): IpAddress | undefined {
    const { resolver, addresses } = this.options;
    if (resolver.source === 'pod') return undefined;
    return addresses.find(({ cidr }) => cidr.address.family === family)?.cidr.address;
  }
}
