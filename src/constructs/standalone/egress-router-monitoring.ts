import type { Duration } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';

/**
 * Objects of the Prometheus operator's API about a router. The cluster has to serve that API.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/
 */
export interface EgressRouterMonitoring {
  /**
   * Whether there is a PodMonitor, by which Prometheus scrapes the router's `/metrics`.
   *
   * @default true
   */
  readonly podMonitor?: boolean;

  /**
   * Whether there is a PrometheusRule with alerts about the router. They select its series by the labels `namespace`
   * and `router`, which the PodMonitor adds.
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
   * Interval between two scrapes, in whole seconds.
   *
   * @default - Prometheus' own
   */
  readonly scrapeInterval?: Duration;

  /**
   * Peers that scrape: the router's NetworkPolicy admits them to its health port alone. Only together with `allowFrom`,
   * which makes that policy.
   *
   * @default - with `allowFrom`, only the node, for its probes
   */
  readonly from?: kplus.INetworkPolicyPeer[];
}
