import * as kplus from 'cdk8s-plus-28';
import { EgressRouter, EgressRouterPlugin, ExternalTrafficPolicy, NodeFlavour, RouterMode } from '../../src';
import { newChart, STANDALONE, synth } from '../support/synth';
import { describeWithApiServer } from './describe-with-api-server';

describeWithApiServer('objects with every option', (server) => {
  test('are kept as they are written: comparing the two finds no difference', () => {
    const namespace = `twice-${Date.now()}`;
    server().kubectl(['create', 'namespace', namespace]);
    const chart = newChart(namespace);
    const zone = kplus.NodeLabelQuery.is('zone', 'dmz');
    new EgressRouter(chart, 'egress-1', {
      ...STANDALONE,
      mode: RouterMode.standalone({
        ...STANDALONE.mode!.standaloneOptions,
        liveRules: true,
        ruleMetrics: true,
        watchConflicts: true,
        failover: { blockDrain: true },
        scheduling: {
          attract: [kplus.Node.labeled(zone)],
          tolerate: [kplus.Node.tainted(kplus.NodeTaintQuery.is('a', 'b'))],
        },
      }),
      fallbackIp: '203.0.113.27',
      allowFrom: [
        kplus.Namespaces.all(chart, 'Everything'),
        kplus.Pods.select(chart, 'Clients', { labels: { a: 'b' } }),
      ],
      service: {
        type: kplus.ServiceType.NODE_PORT,
        labels: { mesh: 'no' },
        externalTrafficPolicy: ExternalTrafficPolicy.LOCAL,
        ports: [{ port: 161, protocol: kplus.Protocol.UDP }],
      },
      argoCdSyncWave: 0,
    });
    new EgressRouterPlugin(chart, 'plugin', {
      image: 'registry.example.com/egress-router:0.1.0',
      pluginName: 'egress-router-cdk8s',
      nodeFlavour: NodeFlavour.OKD,
    });
    const manifests = synth(chart);
    const yaml = manifests.map((manifest) => JSON.stringify(manifest)).join('\n');
    server().kubectl(['apply', '-f', '-'], yaml);
    const { items } = JSON.parse(server().kubectl(['get', '-o', 'json', '-f', '-'], yaml));
    expect(items).toMatchObject(manifests);
  }, 120_000);
});
