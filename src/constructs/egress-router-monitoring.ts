import type { Duration } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';

/**
 * What the Prometheus operator is told about a router: objects of its API, which the cluster has to serve.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/
 */
export interface EgressRouterMonitoring {
  /**
   * Whether a PodMonitor has the router's `/metrics` scraped.
   *
   * @default true
   */
  readonly podMonitor?: boolean;

  /**
   * Whether a PrometheusRule has alerts about the router. They know it by the labels `namespace` and `router`, which the
   * PodMonitor gives.
   *
   * @default true
   */
  readonly alerts?: boolean;

  /**
   * Labels of both objects, by which a Prometheus selects them, such as `release: prometheus`.
   *
   * @default - none beside the router's
   */
  readonly labels?: { readonly [key: string]: string };

  /**
   * From one scrape to the next, in whole seconds.
   *
   * @default - Prometheus' own
   */
  readonly scrapeInterval?: Duration;

  /**
   * Who scrapes: the router's NetworkPolicy admits these peers to its health port, and to no other. Only together with `allowFrom`,
   * which makes that policy.
   *
   * @default - with `allowFrom`, nobody but the node, for its probes
   */
  readonly from?: kplus.INetworkPolicyPeer[];
}
