import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { EXAMPLES, PULUMI_EXAMPLES, synthesizeExamples } from '../support/example';
import type { Manifest } from '../support/synth';

/** By the name of the example. */
let yaml: Readonly<Record<string, string>>;
beforeAll(() => {
  const texts = synthesizeExamples(EXAMPLES);
  yaml = Object.fromEntries(EXAMPLES.map((name, index) => [name, texts[index]!]));
});

test('there is an example for each way of use', () => {
  expect(EXAMPLES).toEqual(['fleet', 'hosts', 'live-rules', 'okd', 'platform-library', 'plugin', 'standalone']);
  expect(PULUMI_EXAMPLES).toEqual(['pulumi-openstack', 'pulumi-values', 'pulumi-vsphere']);
});

// A reviewer reads these files; a change of the library shows in them as it will show in a user's repository.
test.each(['okd', 'standalone', 'hosts', 'live-rules', 'platform-library', 'plugin'])(
  '%s synthesizes to the manifest on record',
  (name) => {
    expect(yaml[name]).toBe(readFileSync(join(__dirname, '../fixtures', `${name}.k8s.yaml`), 'utf8'));
  },
);

test('the fleet is 200 routers in ten namespaces, each of four objects', () => {
  const manifests = loadAll(yaml.fleet!) as Manifest[];
  const kinds = manifests.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'NetworkAttachmentDefinition')).toHaveLength(200);
  expect(kinds.filter((kind) => kind === 'Deployment')).toHaveLength(200);
  expect(kinds.filter((kind) => kind === 'Service')).toHaveLength(200);
  expect(kinds.filter((kind) => kind === 'NetworkPolicy')).toHaveLength(200);
  expect(new Set(manifests.map(({ metadata }) => metadata.namespace)).size).toBe(10);
});
