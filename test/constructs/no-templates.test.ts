import { App, Chart, Yaml } from 'cdk8s';
import { EgressRouter, EgressRouterPlugin } from '../../src';
import { standalone, synth } from '../support/synth';

/**
 * What a tool between synth and apply would fill in: Helm and Argo CD's ApplicationSets `{{ x }}`, Flux' `postBuild`
 * and envsubst `$x`, kubelet `$(x)` in arguments of containers, Jinja (Ansible) `{% x %}`, jsonnet `%(x)s`, ytt `#@`.
 */
const TEMPLATE = /\{\{|\$|\{%|%\(|#@/;

test.each(['egress', undefined])('no manifest has a text that such a tool fills in, namespace %s', (namespace) => {
  jest.spyOn(console, 'error').mockImplementation();
  const chart = new Chart(new App(), 'prod', { namespace });
  const everything = { monitoring: {}, ruleMetrics: true, watchConflicts: true, liveRules: true };
  new EgressRouter(chart, 'db', standalone({ ...everything, failover: { blockDrain: true } }));
  new EgressRouterPlugin(chart, 'plugin', { image: 'registry.example.com/egress-router:1' });
  const manifests = synth(chart);
  expect(manifests.map(({ kind }) => kind)).toContain('PrometheusRule');
  const found = manifests.flatMap((manifest) =>
    Yaml.stringify(manifest)
      .split('\n')
      .filter((line) => TEMPLATE.test(line)),
  );
  expect(found).toEqual([]);
});
