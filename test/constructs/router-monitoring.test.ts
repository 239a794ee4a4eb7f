import { Duration } from 'cdk8s';
import { EgressRouter } from '../../src';
import { routerAlerts } from '../../src/domain/router/router-alerts';
import { newChart, only, STANDALONE, standalone, synth, synthErrors, synthRouter } from '../support/synth';

const OWN = { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'db' };

test('without the option there is nothing', () => {
  expect(synthRouter(STANDALONE).map(({ kind }) => kind)).not.toContain('PodMonitor');
  const { podMonitor, prometheusRule } = new EgressRouter(newChart(), 'db', STANDALONE).standalone!;
  expect([podMonitor, prometheusRule]).toEqual([undefined, undefined]);
});

test("a PodMonitor scrapes the health port of this router's pod, and gives its series the router's name", () => {
  const manifests = synthRouter(
    standalone({
      metadata: { labels: { team: 'a' } },
      monitoring: { labels: { release: 'prometheus' }, scrapeInterval: Duration.minutes(1) },
    }),
  );
  const monitor = only(manifests, 'PodMonitor');
  expect(monitor.apiVersion).toBe('monitoring.coreos.com/v1');
  expect(monitor.metadata).toEqual({
    name: 'db',
    namespace: 'egress',
    labels: { ...OWN, team: 'a', release: 'prometheus' },
  });
  const [endpoint, ...others] = monitor.spec.podMetricsEndpoints;
  expect(others).toEqual([]);
  expect(endpoint).toMatchObject({
    path: '/metrics',
    interval: '60s',
    relabelings: [{ targetLabel: 'router', replacement: 'db' }],
  });
  const { template } = only(manifests, 'Deployment').spec;
  expect(template.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
  expect(template.spec.containers[0].ports.map(({ name }: { name: string }) => name)).toEqual([endpoint.port]);
});

test('a PrometheusRule has the alerts of this router', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', standalone({ monitoring: { labels: { release: 'prometheus' } } }));
  const rule = only(synth(chart), 'PrometheusRule');
  expect(rule.metadata).toEqual({ name: 'db', namespace: 'egress', labels: { ...OWN, release: 'prometheus' } });
  expect(rule.spec).toEqual(routerAlerts({ namespace: 'egress', router: 'db' }));
  const { podMonitor, prometheusRule } = router.standalone!;
  expect([podMonitor?.name, prometheusRule?.name]).toEqual(['db', 'db']);
});

test('each can be left out', () => {
  const others = synthRouter(STANDALONE).map(({ kind }) => kind);
  const kinds = (monitoring: object) =>
    synthRouter(standalone({ monitoring }))
      .map(({ kind }) => kind)
      .filter((kind) => !others.includes(kind));
  expect(kinds({})).toEqual(['PodMonitor', 'PrometheusRule']);
  expect(kinds({ alerts: false })).toEqual(['PodMonitor']);
  expect(kinds({ podMonitor: false })).toEqual(['PrometheusRule']);
  expect(kinds({ podMonitor: false, alerts: false })).toEqual([]);
});

test('two routers of one name and namespace would make one PodMonitor', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', standalone({ monitoring: {} }));
  new EgressRouter(chart, 'other', {
    ...STANDALONE,
    metadata: { name: 'db' },
    addresses: [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }],
  });
  expect(synthErrors(chart)).toHaveLength(1);
});
