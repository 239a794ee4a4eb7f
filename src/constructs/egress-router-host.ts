import type * as kplus from 'cdk8s-plus-28';

/**
 * A destination by its name: clients keep the URL that they have. Each host gets a Service of its own on its real
 * ports, and its name leads clients there in a way that `docs/names.md` compares.
 */
export interface EgressRouterHost {
  /** DNS name as clients use it: `api.bank.example`. A name in Unicode is converted; a wildcard is refused. */
  readonly name: string;

  /** Ports of the host, 1 to 65535, which are those of its Service too. */
  readonly ports: number[];

  /**
   * Protocol of the connections.
   *
   * @default Protocol.TCP
   */
  readonly protocol?: kplus.Protocol;

  /**
   * IP addresses of the host: one IPv4, one IPv6, or one of each.
   *
   * @default - the router resolves the name, again and again: that needs `liveRules` and `resolver` of a standalone
   * router, and `podCidrs` and `serviceCidrs` of the cluster
   */
  readonly addresses?: string[];

  /**
   * Networks that the name of a host without addresses may lead to, such as `198.51.100.0/24`. Other addresses of an
   * answer are not used, and shown.
   *
   * @default - any address outside the cluster and the router itself
   */
  readonly allowedCidrs?: string[];

  /**
   * Cluster IPs of the host's Service, at most one of each family. Host aliases need them.
   *
   * @default - from `serviceIps` of the cluster; without that, the cluster chooses one
   * @see https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
   */
  readonly clusterIps?: string[];

  /**
   * Ports of the router's pod that stand for `ports`, one for each in their order: for two hosts whose names lead to
   * one port, as synth then says.
   *
   * @default - 10000 to 29999, by a hash of name, protocol and port: they stay when other hosts come and go
   */
  readonly routerPorts?: number[];

  /**
   * Name of the host's Service.
   *
   * @default - names of router and host, such as `partners-api-bank-example`
   */
  readonly serviceName?: string;
}
