import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { routerAlerts } from '../../domain/router/router-alerts';
import { objectMetadata, type RouterNames } from '../router-names';
import type { Monitoring } from './monitoring';
import { HEALTH_PORT_NAME } from './router-container';

const API_VERSION = 'monitoring.coreos.com/v1';

/**
 * The Prometheus operator's PodMonitor of one router. Each series gets the label `router`, by which dashboard and
 * alerts know it: the pod's name is another after every rollout.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export function podMonitor(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  { labels, scrapeInterval }: Monitoring,
): ApiObject {
  return new ApiObject(scope, 'PodMonitor', {
    apiVersion: API_VERSION,
    kind: 'PodMonitor',
    metadata: monitorMetadata(names, metadata, labels),
    spec: {
      selector: { matchLabels: names.selector },
      podMetricsEndpoints: [
        {
          port: HEALTH_PORT_NAME,
          path: '/metrics',
          ...(scrapeInterval === undefined ? {} : { interval: `${scrapeInterval.toSeconds()}s` }),
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
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export function prometheusRule(
  scope: Construct,
  names: RouterNames,
  metadata: ApiObjectMetadata,
  { labels }: Monitoring,
): ApiObject {
  const { router, namespace } = names;
  return new ApiObject(scope, 'PrometheusRule', {
    apiVersion: API_VERSION,
    kind: 'PrometheusRule',
    metadata: monitorMetadata(names, metadata, labels),
    spec: routerAlerts({ namespace, router }),
  });
}

/** @param labels by which a Prometheus selects such objects */
function monitorMetadata(names: RouterNames, metadata: ApiObjectMetadata, labels: Monitoring['labels']) {
  return objectMetadata(names, names.router, { ...metadata, labels: { ...metadata.labels, ...labels } });
}
