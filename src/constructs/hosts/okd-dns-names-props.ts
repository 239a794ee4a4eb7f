import type { ApiObjectMetadata } from 'cdk8s';
import type { EgressRouter } from '../egress-router';

/** Properties for `OkdDnsNames`. */
export interface OkdDnsNamesProps {
  /** The routers whose hosts every pod of the cluster resolves to their Services, those added later included. */
  readonly routers: EgressRouter[];

  /**
   * Image of CoreDNS 1.10 or newer, whose entry point is `coredns`: that of the cluster's own DNS, or a release of the
   * project, such as `registry.k8s.io/coredns/coredns:v1.12.1`.
   */
  readonly image: string;

  /**
   * Cluster IP of the Service, which the DNS operator forwards to: a free one near the start of the Service network.
   */
  readonly clusterIp: string;

  /**
   * Cluster IP of the cluster's DNS, `dns-default` in `openshift-dns`.
   *
   * @default - the address .10 of the first network in `serviceCidrs` of the routers' cluster, such as 172.30.0.10
   */
  readonly clusterDnsIp?: string;

  /**
   * Domain of the cluster's Services.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;

  /**
   * Metadata of the objects.
   *
   * @default - the construct's id is the name
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * Whether the resource `DNS` of the operator, `default`, is made too, with the server of these names as its only one.
   * Without it, `dnsServer` and `patchCommand()` have what belongs there.
   *
   * @default false
   */
  readonly dnsResource?: boolean;
}

/** Every key of `OkdDnsNamesProps`; the type makes it complete. */
const KEYS: Record<keyof OkdDnsNamesProps, true> = {
  routers: true,
  image: true,
  clusterIp: true,
  clusterDnsIp: true,
  clusterDomain: true,
  metadata: true,
  dnsResource: true,
};
export const OKD_DNS_NAMES_KEYS = Object.keys(KEYS);
