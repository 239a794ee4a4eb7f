import { rmSync } from 'node:fs';
import { type Edit, EXAMPLES, type ExampleRun, runExample } from '../support/example';
import { blocksOf } from '../support/markdown';
import { type Manifest, only } from '../support/synth';
import type { ApiServer } from './api-server';
import { describeWithApiServer } from './describe-with-api-server';

/** What a user changes between two commits, by example. */
const EDITS: Record<string, Edit[]> = {
  okd: [{ file: 'main.ts', from: "destinationIp: '203.0.113.25'", to: "destinationIp: '203.0.113.99'" }],
  standalone: [
    { file: 'router.ts', from: 'port: 8080', to: 'port: 8081' },
    { file: 'router.ts', from: "'192.168.12.99/24'", to: "'192.168.12.98/24'" },
  ],
  fleet: [{ file: 'routers.yaml', from: '1521 TCP', to: '1522 TCP' }],
  hosts: [{ file: 'main.ts', from: 'ports: [5432]', to: 'ports: [5432, 5433]' }],
  'live-rules': [{ file: 'main.ts', from: "'203.0.113.25'", to: "'203.0.113.99'" }],
  'platform-library': [{ file: 'main.ts', from: '2325', to: '2326' }],
  plugin: [{ file: 'main.ts', from: 'egress-router:0.1.0', to: 'egress-router:0.1.1' }],
};

describeWithApiServer('examples on a real API server', (server) => {
  test.each(EXAMPLES)(
    '%s is accepted, read back, and changed by a second synth',
    (name) => {
      const before = runExample(name);
      const after = runExample(name, EDITS[name]);
      try {
        createNamespaces(server(), before);
        for (const run of [before, after]) {
          server().kubectl(['apply', '--server-side', '--field-manager=gitops', '-f', run.folder]);
          for (const [wanted, kept] of readBack(server(), run)) expect(kept).toMatchObject(wanted);
        }
        expect(after.yaml).not.toBe(before.yaml);
      } finally {
        for (const { folder } of [before, after]) rmSync(folder, { recursive: true });
      }
    },
    300_000,
  );

  test('client-side apply takes the examples for one router as well, twice', () => {
    for (const name of ['okd', 'standalone']) {
      const { folder, manifests } = runExample(name);
      const namespace = `client-side-${name}-${Date.now()}`;
      server().kubectl(['create', 'namespace', namespace]);
      const yaml = manifests
        .map((manifest) => JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, namespace } }))
        .join('\n');
      server().kubectl(['apply', '-f', '-'], yaml);
      expect(server().kubectl(['apply', '-f', '-'], yaml)).not.toMatch(/ (configured|created)$/m);
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['standalone', ['restricted', 'baseline', 'privileged']],
    ['live-rules', ['privileged']],
    ['hosts', ['privileged']],
  ])('the pod of examples/%s is admitted by the Pod Security levels %j', (name, admitting) => {
    const { folder, manifests } = runExample(name);
    rmSync(folder, { recursive: true });
    // The router's comes before that of a client.
    const { template } = manifests.find(({ kind }) => kind === 'Deployment')!.spec;
    const namespace = `security-${name}-${Date.now()}`;
    server().kubectl(['create', 'namespace', namespace]);
    for (const level of ['restricted', 'baseline', 'privileged']) {
      const label = `pod-security.kubernetes.io/enforce=${level}`;
      server().kubectl(['label', '--overwrite', 'namespace', namespace, label]);
      const metadata = { ...template.metadata, name: level, namespace };
      const pod = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec });
      const { status, stderr } = server().tryKubectl(['create', '-f', '-'], pod);
      if (admitting.includes(level)) expect({ level, status }).toEqual({ level, status: 0 });
      else expect(stderr).toContain(`violates PodSecurity "${level}:latest"`);
    }
  });

  test("the plugin's pods are admitted where the page's commands allow it, and nowhere below", () => {
    const { folder, manifests } = runExample('plugin');
    rmSync(folder, { recursive: true });
    const { spec } = only(manifests, 'DaemonSet').spec.template;
    const { text } = blocksOf('docs/install.md').find((block) => block.text.startsWith('kubectl create namespace'))!;
    const namespace = `plugin-${Date.now()}`;
    for (const line of text.replaceAll('egress-router-plugin', namespace).trim().split('\n'))
      server().kubectl(line.split(' ').slice(1));
    const pod = (name: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
    expect(server().kubectl(['create', '-f', '-'], pod('admitted'))).toContain('created');
    const level = 'pod-security.kubernetes.io/enforce=baseline';
    server().kubectl(['label', '--overwrite', 'namespace', namespace, level]);
    expect(server().tryKubectl(['create', '-f', '-'], pod('refused')).stderr).toContain(
      'violates PodSecurity "baseline:latest"',
    );
  });
});

function createNamespaces(server: ApiServer, { manifests }: ExampleRun): void {
  const present = server.kubectl(['get', 'namespaces', '-o', 'name']);
  for (const namespace of new Set(manifests.map(({ metadata }) => metadata.namespace))) {
    // An example's own Namespace is in none.
    if (namespace !== undefined && !present.includes(`namespace/${namespace}\n`))
      server.kubectl(['create', 'namespace', namespace]);
  }
}

/** The objects of a run as the server holds them, read with one call. */
function readBack(server: ApiServer, { folder, manifests }: ExampleRun): [written: Manifest, kept: Manifest][] {
  const { items } = JSON.parse(server.kubectl(['get', '-f', folder, '-o', 'json']));
  expect(items).toHaveLength(manifests.length);
  return manifests.map((manifest, index) => [written(manifest), items[index]]);
}

/** Fields that cdk8s-plus writes with their zero value, and the server does not keep. */
const NOT_KEPT = ['minReadySeconds', 'hostNetwork', 'setHostnameAsFQDN'];

/** Quantities in the form that the server gives them. */
const CANONICAL: Readonly<Record<string, string>> = { '1000m': '1', '2048Mi': '2Gi' };

function written(manifest: Manifest): Manifest {
  const isZero = (value: unknown) => value === 0 || value === false || (Array.isArray(value) && value.length === 0);
  return JSON.parse(
    JSON.stringify(manifest, (key, value) =>
      NOT_KEPT.includes(key) && isZero(value) ? undefined : (CANONICAL[value] ?? value),
    ),
  );
}
