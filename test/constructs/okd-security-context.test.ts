import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { ClusterRole, RoleBinding, ServiceAccount } from 'cdk8s-plus-28';
import { transpile } from 'typescript';
import { EgressRouter } from '../../src';
import { blocksOf } from '../support/markdown';
import { only, standalone, synth } from '../support/synth';

/** The names that the example of docs/install.md uses. */
const IMPORTS = { ApiObject, ClusterRole, JsonPatch, RoleBinding, ServiceAccount };

test('the example of docs/install.md lets a router with capabilities run on OKD, and no other pod', () => {
  const [example] = blocksOf('docs/install.md').filter(({ text }) => text.includes('system:openshift:scc:privileged'));
  const chart = new Chart(new App(), 'prod', { namespace: 'partners' });
  const router = new EgressRouter(chart, 'partner', standalone({ liveRules: true }));
  const given = { chart, router, ...IMPORTS };
  new Function(...Object.keys(given), transpile(example!.text))(...Object.values(given));
  const manifests = synth(chart);
  expect(only(manifests, 'RoleBinding')).toMatchObject({
    metadata: { namespace: 'partners' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:openshift:scc:privileged' },
    subjects: [{ kind: 'ServiceAccount', name: 'partner', namespace: 'partners' }],
  });
  expect(only(manifests, 'ServiceAccount').metadata).toMatchObject({ name: 'partner', namespace: 'partners' });
  expect(only(manifests, 'Deployment').spec.template.spec).toMatchObject({
    serviceAccountName: 'partner',
    automountServiceAccountToken: false,
  });
});

test('a router without capabilities names no account: OKD admits it under restricted-v2', () => {
  const chart = new Chart(new App(), 'prod', { namespace: 'partners' });
  new EgressRouter(chart, 'partner', standalone({}));
  const manifests = synth(chart);
  expect(only(manifests, 'Deployment').spec.template.spec.serviceAccountName).toBeUndefined();
  expect(manifests.map(({ kind }) => kind)).not.toContain('RoleBinding');
});
