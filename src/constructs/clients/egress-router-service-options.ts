import type * as kplus from 'cdk8s-plus-28';

/** Which nodes take traffic from outside the cluster for a Service. */
export enum ExternalTrafficPolicy {
  /** Every node, and a node without the router's pod passes it on. */
  CLUSTER = 'Cluster',
  /** The node of the router's pod alone, which then sees the clients' own addresses. */
  LOCAL = 'Local',
}

/** The Service through which clients reach a router. */
export interface EgressRouterServiceOptions {
  /**
   * Name of the Service.
   *
   * @default - the router's name
   */
  readonly name?: string;

  /**
   * Type of the Service: a cluster IP, a node port or a load balancer.
   *
   * @default ServiceType.CLUSTER_IP
   */
  readonly type?: kplus.ServiceType;

  /**
   * Ports beside those of the redirect rules, or in place of one with the same port and protocol. Each must lead to a
   * port that the router redirects. Required when there is a `fallbackIp` and no rule.
   *
   * @default - the ports of the redirect rules, named like `tcp-8443`
   */
  readonly ports?: kplus.ServicePort[];

  /**
   * Labels of the Service, beside those of the router's metadata: a mesh or a load balancer selects by them.
   *
   * @default - none more
   */
  readonly labels?: { readonly [key: string]: string };

  /**
   * IP address of the Service, from the cluster's Service network, where clients need one that never changes:
   * `172.30.0.99`.
   *
   * @default - the cluster chooses one
   * @see https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
   */
  readonly clusterIp?: string;

  /**
   * Which nodes take traffic from outside the cluster. For the types NodePort and LoadBalancer.
   *
   * @default - the cluster's: ExternalTrafficPolicy.CLUSTER
   * @see https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
   */
  readonly externalTrafficPolicy?: ExternalTrafficPolicy;

  /**
   * Networks that the load balancer takes clients from: `10.0.0.0/8`. For the type LoadBalancer.
   *
   * @default - every network
   * @see https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/
   */
  readonly loadBalancerSourceRanges?: string[];

  /**
   * Annotations of the Service: cloud load balancers and external-dns are configured by them.
   *
   * @default - those of the router's metadata
   */
  readonly annotations?: { readonly [key: string]: string };
}
