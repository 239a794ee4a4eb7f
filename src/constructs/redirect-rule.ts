import type * as kplus from 'cdk8s-plus-28';

/**
 * One redirection: connections to a port of the router go on to one destination.
 *
 * A rule belongs to the address family of its destination. The same port and protocol may be redirected once for
 * IPv4 and once for IPv6.
 *
 * @see https://docs.openshift.com/container-platform/latest/networking/ovn_kubernetes_network_provider/deploying-egress-router-ovn-redirection.html
 */
export interface RedirectRule {
  /** Port on which clients reach the router, 1 to 65535. */
  readonly port: number;

  /** Protocol of the connections. */
  readonly protocol: kplus.Protocol;

  /** IPv4 or IPv6 address of the server, without prefix length: `203.0.113.26`. */
  readonly destinationIp: string;

  /**
   * Port of the server, 1 to 65535.
   *
   * @default - the same as `port`
   */
  readonly targetPort?: number;
}
