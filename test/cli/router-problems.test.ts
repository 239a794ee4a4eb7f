import { InputError } from '../../cli/input/input-error';
import { refuseProblems } from '../../cli/input/selection';
import { ledRouter } from '../support/led-router';
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
  for (const name of ['standalone', 'live-rules', 'okd', 'platform-library', 'hosts'])
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

describe('labels that tell the pods of routers apart', () => {
  /** The example's router, and a second one. */
  const TWO = [STANDALONE, STANDALONE.replaceAll('partner', 'second')].join('\n---\n');

  /** As Argo CD's tracking by label and Kustomize's `labels` write it: not into selectors and pods. */
  const ofObjects = (text: string, value: string) =>
    text.replaceAll(/^( {2}labels:\n {4}app\.kubernetes\.io\/instance: ).*$/gm, `$1${value}`);

  /** As Kustomize's `commonLabels` writes it, into what it knows: not the selector of a PodMonitor. */
  const everywhere = (text: string, value: string) =>
    text.replaceAll(/^( +app\.kubernetes\.io\/instance: ).*$/gm, `$1${value}`);

  test('one label of all objects does not change the names of routers', () => {
    expect(inventoryOf(TWO).routers.map(({ name }) => name)).toEqual(['egress/partner', 'egress/second']);
    const labelled = inventoryOf(ofObjects(TWO, 'my-application'));
    expect(labelled.routers.map(({ name }) => name)).toEqual(['egress/partner', 'egress/second']);
    expect(problemsOf(ofObjects(TWO, 'my-application'))).toBe('');
  });

  test('selectors that take the pods of two routers are a problem', () => {
    const said = problemsOf(everywhere(TWO, 'prod')).split('\n');
    expect(said.filter((line) => line.includes('Service partner:'))).toEqual([
      expect.stringMatching(
        /^1\.yaml document \d+: Service partner: the selector takes the pods of egress\/partner and egress\/second; accepted: labels of the pods of one router alone \(Kustomize changes selectors by commonLabels, and by labels with includeSelectors\)$/,
      ),
    ]);
    expect(said.map((line) => /: (\w+ \w+): the selector/.exec(line)?.[1]).sort()).toEqual([
      'Deployment partner',
      'Deployment second',
      'Service partner',
      'Service second',
    ]);
  });

  test('a selector that takes the pods of no router is a problem', () => {
    const monitor = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: {
        name: 'partner',
        namespace: 'egress',
        labels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'prod' },
      },
      spec: { selector: { matchLabels: { 'app.kubernetes.io/instance': 'partner' } } },
    };
    const text = `${everywhere(STANDALONE, 'prod')}\n---\n${JSON.stringify(monitor)}`;
    expect(problemsOf(text)).toContain('PodMonitor partner: the selector takes the pods of no router; accepted:');
  });

  test('a selector with a label that the pods of the operator do not have is a problem', () => {
    const labelled = edited(fixture('okd'), ['  selector:\n', '  selector:\n    team: payments\n']);
    expect(problemsOf(labelled)).toContain('Service egress-1: the selector takes the pods of no router; accepted:');
  });
});

describe('names of a router in other objects', () => {
  const LED = ledRouter()
    .map((object) => JSON.stringify(object))
    .join('\n---\n');
  const SERVICE = '"name":"bank-api-bank-example"';

  test('those of the same input are no problem, and those of routers elsewhere are not known', () => {
    expect(LED.split('rewrite name exact api.bank.example bank-api-bank-example.partners.svc')).toHaveLength(3);
    expect(problemsOf(LED)).toBe('');
    const others = LED.split('\n---\n').filter((text) => !text.includes('"namespace":"partners"'));
    expect(others.join()).toContain('rewrite name exact');
    expect(problemsOf([...others, STANDALONE].join('\n---\n'))).toBe('');
  });

  test('a Service that was renamed is not found by the lines of a CoreDNS', () => {
    const problems = problemsOf(edited(LED, [SERVICE, '"name":"prod-bank-api-bank-example"'])).split('\n');
    expect(problems).toEqual([
      expect.stringMatching(
        /^1\.yaml document \d+: ConfigMap coredns-custom: data\["egress-router\.override"\]: "bank-api-bank-example\.partners" is not a Service in the input, and pods do not resolve api\.bank\.example; accepted: "prod-bank-api-bank-example\.partners" /,
      ),
      expect.stringMatching(
        /^1\.yaml document \d+: HelmChartConfig rke2-coredns: spec\.valuesContent: "bank-api-bank-example\.partners" is not /,
      ),
    ]);
  });

  test('a router in another namespace is not reached by the policy of a client', () => {
    // As Kustomize's `namespace` does it.
    const moved = LED.replaceAll('"namespace":"partners"', '"namespace":"prod"');
    expect(
      problemsOf(moved)
        .split('\n')
        .filter((line) => line.includes('NetworkPolicy')),
    ).toHaveLength(1);
    expect(problemsOf(moved)).toMatch(
      /NetworkPolicy bank-to-bank: spec\.egress\[\d\]\.to: "partners" is not the namespace of router prod\/bank, and clients do not reach it; accepted: "prod" /,
    );
  });

  describe('a client in another namespace', () => {
    const moved = LED.replaceAll('"namespace":"shop"', '"namespace":"prod"');

    test('is not admitted by the policy of the router', () => {
      expect(problemsOf(moved)).toMatch(
        /^1\.yaml document \d+: NetworkPolicy bank: spec\.ingress\[0\]\.from: "shop" is not the namespace of Deployment shop-\S+, and router partners\/bank does not admit it; accepted: "prod" \(Kustomize does not change selectors of namespaces: synthesize the policy for each environment\)$/,
      );
      expect(problemsOf(moved, 'partners/bank')).not.toBe('');
    });

    test('may be one of several that the program makes for several environments', () => {
      const clients = LED.split('\n---\n').map((text) => JSON.parse(text));
      const client = clients.find(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'shop');
      expect(problemsOf([moved, JSON.stringify(client)].join('\n---\n'))).toBe('');
    });

    test('is not known by labels that others may have', () => {
      expect(problemsOf(moved.replaceAll('cdk8s.io/metadata.addr', 'app'))).toBe('');
    });

    test('that is not in the input is not judged', () => {
      const others = moved.split('\n---\n').filter((text) => JSON.parse(text).metadata.namespace !== 'prod');
      expect(others.join()).toContain('"kubernetes.io/metadata.name":"shop"');
      expect(problemsOf(others.join('\n---\n'))).toBe('');
    });
  });
});
