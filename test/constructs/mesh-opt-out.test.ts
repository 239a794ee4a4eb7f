import { EgressRouter, EgressRouterPlugin } from '../../src';
import { type Manifest, newChart, only, STANDALONE, synth } from '../support/synth';

/**
 * The keys as the injectors read them: Istio (pkg/kube/inject/inject.go: the label wins over the annotation;
 * cni/pkg/util/podutil.go), Kuma 3 (injector/precheck.go: the label alone), Linkerd 2 (pkg/inject/report.go: the
 * annotation).
 */
const LABELS = {
  'istio.io/dataplane-mode': 'none',
  'kuma.io/sidecar-injection': 'disabled',
  'sidecar.istio.io/inject': 'false',
};
const ANNOTATIONS = { 'consul.hashicorp.com/connect-inject': 'false', 'linkerd.io/inject': 'disabled' };

const withPlugin = () => {
  const chart = newChart('kube-system');
  new EgressRouterPlugin(chart, 'plugin', { image: 'registry.example.com/egress-router:1' });
  return only(synth(chart), 'DaemonSet');
};
const withRouter = () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', STANDALONE);
  return only(synth(chart), 'Deployment');
};

test.each<[string, () => Manifest]>([
  ['router', withRouter],
  ['plugin', withPlugin],
])('the pod of a %s opts out of service meshes, and no selector depends on that', (_, workload) => {
  const { selector, template } = workload().spec;
  expect(template.metadata).toMatchObject({ labels: LABELS, annotations: ANNOTATIONS });
  for (const key of Object.keys(LABELS)) expect(selector.matchLabels).not.toHaveProperty([key]);
});

test("a user's label wins, for a pod that is to be in a mesh", () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', STANDALONE);
  router.standalone!.deployment.podMetadata.addLabel('sidecar.istio.io/inject', 'true');
  expect(only(synth(chart), 'Deployment').spec.template.metadata.labels['sidecar.istio.io/inject']).toBe('true');
});
