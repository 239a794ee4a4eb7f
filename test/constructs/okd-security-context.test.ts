import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { ModuleKind, transpile } from 'typescript';
import * as library from '../../src';
import { blocksOf } from '../support/markdown';
import { type Manifest, only, standalone, synth } from '../support/synth';

const { App, Chart } = cdk8s;
const { EgressRouter } = library;

/** What the example imports. */
const MODULES: Readonly<Record<string, unknown>> = {
  cdk8s,
  'cdk8s-plus-28': kplus,
  'cdk8s-egress-router': library,
};

/** The manifests that a program in the documents writes. */
function manifestsOf(program: string): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-okd-'));
  try {
    process.env.CDK8S_OUTDIR = folder;
    const code = transpile(program, { module: ModuleKind.CommonJS });
    new Function('require', 'exports', code)((name: string) => MODULES[name], {});
    return cdk8s.Yaml.load(join(folder, 'partners.k8s.yaml'));
  } finally {
    delete process.env.CDK8S_OUTDIR;
    rmSync(folder, { recursive: true });
  }
}

test('the example of docs/install.md lets a router with capabilities run on OKD, and no other pod', () => {
  const [example] = blocksOf('docs/install.md').filter(({ text }) => text.includes('system:openshift:scc:privileged'));
  const manifests = manifestsOf(example!.text);
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
