import type * as kplus from 'cdk8s-plus-28';

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
   * Annotations of the Service.
   *
   * @default - those of the router's metadata
   */
  readonly annotations?: { readonly [key: string]: string };
}
