import * as kplus from 'cdk8s-plus-28';
import { EgressRouter } from '../../src';
import { type Manifest, newChart, OPERATOR, STANDALONE, standalone, synth } from '../support/synth';

const policies = (manifests: Manifest[]) => manifests.filter(({ kind }) => kind === 'NetworkPolicy');
const SELECTOR = { matchLabels: { 'app.kubernetes.io/instance': 'db', 'app.kubernetes.io/name': 'egress-router' } };

test('a standalone router denies what its pod starts on the cluster network, and restricts no client', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', STANDALONE);
  const [policy, ...others] = policies(synth(chart));
  expect(others).toEqual([]);
  expect(policy!.metadata).toMatchObject({ name: 'db-own-egress', namespace: 'egress' });
  expect(policy!.spec).toEqual({ podSelector: SELECTOR, policyTypes: ['Egress'] });
});

test('the policy selects the pod by the names of the operator, where the router has them', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', standalone({ operatorNames: true }));
  expect(policies(synth(chart))[0]!.spec.podSelector).toEqual({ matchLabels: { app: 'egress-router-cni' } });
});

test('a policy for clients is another object', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', standalone({ allowFrom: [] }));
  expect(policies(synth(chart)).map(({ metadata, spec }) => [metadata.name, spec.policyTypes])).toEqual([
    ['db-own-egress', ['Egress']],
    ['db', ['Ingress']],
  ]);
});

test('a container of the user gets its own egress by a rule', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', STANDALONE);
  const collector = kplus.Pods.select(chart, 'Collector', { labels: { app: 'collector' } });
  router.standalone!.egressPolicy.addEgressRule(collector, [kplus.NetworkPolicyPort.tcp(4317)]);
  expect(policies(synth(chart))[0]!.spec.egress).toEqual([
    { to: [{ podSelector: { matchLabels: { app: 'collector' } } }], ports: [{ port: 4317, protocol: 'TCP' }] },
  ]);
});

test("in operator mode the pod is the operator's: no policy is about what it starts", () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', OPERATOR);
  expect(policies(synth(chart))).toEqual([]);
});
