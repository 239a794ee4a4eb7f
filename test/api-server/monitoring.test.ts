import { Duration } from 'cdk8s';
import { Namespaces } from 'cdk8s-plus-28';
import { EgressRouter } from '../../src';
import { type Manifest, newChart, standalone, synth } from '../support/synth';
import { describeWithApiServer } from './describe-with-api-server';
import { prometheusDefinitions } from './prometheus-crds';

describeWithApiServer("monitoring, and the Prometheus operator's definitions", (server) => {
  test('its objects are accepted as they are, twice, and nothing of them is dropped', () => {
    const { kubectl } = server();
    for (const definition of prometheusDefinitions()) kubectl(['apply', '--server-side', '-f', '-'], definition);
    kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
    const namespace = `monitoring-${Date.now()}`;
    kubectl(['create', 'namespace', namespace]);

    const chart = newChart(namespace);
    new EgressRouter(chart, 'egress-1', {
      ...standalone({
        monitoring: {
          labels: { release: 'prometheus' },
          scrapeInterval: Duration.seconds(15),
          from: [Namespaces.select(chart, 'Prometheus', { labels: { 'kubernetes.io/metadata.name': 'monitoring' } })],
        },
      }),
      allowFrom: [Namespaces.all(chart, 'Everything')],
    });
    const manifests = synth(chart);
    const yaml = manifests.map((manifest) => JSON.stringify(manifest)).join('\n');
    for (let time = 0; time < 2; time++) kubectl(['apply', '--server-side', '-f', '-'], yaml);

    const made = manifests.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'));
    expect(made.map(({ kind }) => kind).sort()).toEqual(['PodMonitor', 'PrometheusRule']);
    for (const { kind, metadata, spec } of made) {
      const kept: Manifest = JSON.parse(kubectl(['get', kind, metadata.name, '-n', namespace, '-o', 'json']));
      expect(kept.spec).toEqual(spec);
    }
  }, 120_000);
});
