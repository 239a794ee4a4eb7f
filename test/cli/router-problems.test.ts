import { InputError } from '../../cli/input/input-error';
import { refuseProblems } from '../../cli/input/selection';
import { edited, fixture, inventoryOf } from './manifests';

const STANDALONE = fixture('standalone');

/** What a command says about manifests in which routers cannot start. */
function problemsOf(text: string, router?: string): string {
  const inventory = inventoryOf(text);
  try {
    refuseProblems(inventory, inventory.routers, router);
    return '';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

const ANNOTATION = '[{"name":"partner","interface":"net1","namespace":"egress"}]';

test('manifests as synthesized have no problem', () => {
  for (const name of ['standalone', 'live-rules', 'okd', 'platform-library'])
    expect(problemsOf(fixture(name))).toBe('');
});

test('a Deployment whose network was renamed is a problem, with the network that is there', () => {
  const renamed = edited(STANDALONE, [ANNOTATION, ANNOTATION.replace('partner', 'old')]);
  expect(problemsOf(renamed)).toMatch(
    /^1\.yaml document \d: Deployment partner: spec\.template\.metadata\.annotations\["k8s\.v1\.cni\.cncf\.io\/networks"\]: "old" is not a network of namespace egress in the input, and the pod waits for it; accepted: "partner"$/,
  );
});

test('a network without a namespace in the annotation is looked for beside the Deployment', () => {
  expect(problemsOf(edited(STANDALONE, [ANNOTATION, 'partner@net1']))).toBe('');
  expect(problemsOf(edited(STANDALONE, [ANNOTATION, 'other/partner@net1']))).toContain(
    '"partner" is not a network of namespace other in the input',
  );
});

test("another project's Deployment may ask for a network of the cluster", () => {
  const foreign = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'egress' },
    spec: { template: { metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': 'storage' } } } },
  };
  expect(problemsOf(`${STANDALONE}\n---\n${JSON.stringify(foreign)}`)).toBe('');
});

test('a podNamespace that is not the namespace of the router is a problem', () => {
  const moved = edited(STANDALONE, ['"podNamespace": "egress"', '"podNamespace": "staging"']);
  expect(problemsOf(moved)).toMatch(
    /NetworkAttachmentDefinition partner: spec\.config podNamespace: "staging" is not the namespace of NetworkAttachmentDefinition partner, and ADD rejects the pod; accepted: "egress"$/,
  );
});

test('--router leaves out problems of other routers', () => {
  const moved = edited(STANDALONE, ['"podNamespace": "egress"', '"podNamespace": "staging"']);
  const inventory = inventoryOf(moved);
  expect(() => refuseProblems(inventory, [], 'egress/other')).not.toThrow();
  expect(() => refuseProblems(inventory, inventory.routers, 'egress/partner')).toThrow(InputError);
});
