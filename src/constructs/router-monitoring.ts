import { ApiObject, type ApiObjectMetadata, type Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { routerAlerts } from '../config/router-alerts';
import { objectMetadata, type RouterNames } from './router-names';

const API_VERSION = 'monitoring.coreos.com/v1';

export interface PodMonitorOptions {
  /** Name of the container's port that answers `/metrics`. */
  readonly port: string;
  /** Between two scrapes; Prometheus' own when absent. */
  readonly interval?: Duration;
}

/**
 * The Prometheus operator's PodMonitor of one router. Each series gets the label `router`, by which dashboard and alerts
 * know it: the pod's name is another after every rollout.
 *
 * @param metadata labels by which a Prometheus selects its PodMonitors come from here
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export function podMonitor(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  { port, interval }: PodMonitorOptions,
): ApiObject {
  return new ApiObject(scope, 'PodMonitor', {
    apiVersion: API_VERSION,
    kind: 'PodMonitor',
    metadata: objectMetadata(names, names.router, metadata),
    spec: {
      selector: { matchLabels: names.selector },
      podMetricsEndpoints: [
        {
          port,
          path: '/metrics',
          ...(interval === undefined ? {} : { interval: `${interval.toSeconds()}s` }),
          relabelings: [{ action: 'replace', targetLabel: 'router', replacement: names.router }],
        },
      ],
    },
  });
}

/**
 * The Prometheus operator's PrometheusRule with the alerts of one router: those of `docs/monitoring/alerts.yaml`, about
 * this router alone.
 *
 * @param metadata labels by which a Prometheus selects its rules come from here
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export function prometheusRule(scope: Construct, names: RouterNames, metadata: ApiObjectMetadata): ApiObject {
  const { router, namespace } = names;
  return new ApiObject(scope, 'PrometheusRule', {
    apiVersion: API_VERSION,
    kind: 'PrometheusRule',
    metadata: objectMetadata(names, names.router, metadata),
    spec: routerAlerts({ namespace, router }),
  });
}
