import {
  type CustomResourceOptions,
  EgressRouter,
  EgressRouterCluster,
  EgressRouterNetwork,
  Link,
  RouterMode,
} from '../../src';
import { clientPolicy, type Manifest, newChart, only, synth, synthErrors } from '../support/synth';

/** As in the documentation of OKD. */
const RESOURCE = {
  apiVersion: 'network.operator.openshift.io/v1',
  kind: 'EgressRouter',
  metadata: { name: 'egress-router-qa' },
  spec: {
    networkInterface: { macvlan: { mode: 'Bridge' } },
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
    mode: 'Redirect',
    redirect: {
      redirectRules: [
        { destinationIP: '203.0.113.25', port: 80, protocol: 'UDP' },
        { destinationIP: '203.0.113.26', port: 8080, protocol: 'TCP', targetPort: 80 },
        { destinationIP: '203.0.113.27', port: 8443, protocol: 'TCP', targetPort: 443 },
      ],
    },
  },
};

const STANDALONE: CustomResourceOptions = { mode: RouterMode.standalone({ image: 'router:1' }) };

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

function synthFrom(resource: object, options?: CustomResourceOptions): Manifest[] {
  const chart = newChart();
  EgressRouter.fromCustomResource(chart, 'db', resource, options);
  return synth(chart);
}

function errorsFrom(resource: object, options?: CustomResourceOptions): string[] {
  const chart = newChart();
  EgressRouter.fromCustomResource(chart, 'db', resource, options);
  return synthErrors(chart);
}

const withSpec = (changes: object) => ({ ...RESOURCE, spec: { ...RESOURCE.spec, ...changes } });
const withMetadata = (metadata: object) => ({ ...RESOURCE, metadata });
const config = (manifests: Manifest[]) => JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config);

test('in operator mode the same resource is written, beside its Service', () => {
  const manifests = synthFrom(RESOURCE);
  const { metadata, ...resource } = only(manifests, 'EgressRouter');
  expect(resource).toEqual({ apiVersion: RESOURCE.apiVersion, kind: RESOURCE.kind, spec: RESOURCE.spec });
  expect(metadata).toMatchObject({ name: 'egress-router-qa', namespace: 'egress' });
  expect(only(manifests, 'Service').spec.ports.map(({ name }: { name: string }) => name)).toEqual([
    'udp-80',
    'tcp-8080',
    'tcp-8443',
  ]);
});

test('and again from what was written', () => {
  const full = withSpec({
    networkInterface: { macvlan: { mode: 'VEPA', master: 'eth1' } },
    redirect: { ...RESOURCE.spec.redirect, fallbackIP: '203.0.113.99' },
  });
  const once = only(synthFrom(full), 'EgressRouter');
  expect(once.spec).toEqual(full.spec);
  expect(only(synthFrom(once), 'EgressRouter')).toEqual(once);
});

describe('in standalone mode', () => {
  test('the same rules, and the network interface as the link', () => {
    const networkInterface = { macvlan: { mode: 'Private', master: 'eth1' } };
    const redirect = { ...RESOURCE.spec.redirect, fallbackIP: '203.0.113.99' };
    const manifests = synthFrom(withSpec({ networkInterface, redirect }), STANDALONE);
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'NetworkAttachmentDefinition',
      'NetworkPolicy',
      'Deployment',
      'Service',
    ]);
    expect(config(manifests)).toMatchObject({
      interfaceArgs: { mode: 'private', master: 'eth1' },
      ip: {
        addresses: ['192.168.12.99/24'],
        gateway: '192.168.12.1',
        destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.27 443'],
        fallbackIP: '203.0.113.99',
      },
    });
  });

  test("the link of the options wins over the resource's interface, member by member", () => {
    const networkInterface = { macvlan: { mode: 'Private', master: 'eth1' } };
    const link = Link.macvlan({ parentInterface: 'eth2', mtu: 1400 });
    const mode = RouterMode.standalone({ image: 'router:1', link });
    expect(config(synthFrom(withSpec({ networkInterface }), { mode })).interfaceArgs).toEqual({
      mode: 'private',
      master: 'eth2',
      mtu: '1400',
    });
  });

  test('the mode is that of the cluster', () => {
    const cluster = new EgressRouterCluster('prod', { ...STANDALONE });
    const manifests = synthFrom(RESOURCE, { cluster });
    expect(only(manifests, 'Deployment').spec.template.spec.containers[0].image).toBe('router:1');
  });

  test('a network completes the addresses', () => {
    const cluster = new EgressRouterCluster('prod', { ...STANDALONE });
    const subnets = [{ cidr: '192.168.12.0/24', gateway: '192.168.12.1' }];
    const network = new EgressRouterNetwork(cluster, { subnets, parentInterface: 'bond0.12' });
    const { networkInterface: _, ...spec } = RESOURCE.spec;
    const manifests = synthFrom({ ...RESOURCE, spec: { ...spec, addresses: [{ ip: '192.168.12.99' }] } }, { network });
    expect(config(manifests)).toMatchObject({
      interfaceArgs: { mode: 'bridge', master: 'bond0.12' },
      ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1' },
    });
  });

  test('what else the options say', () => {
    const manifests = synthFrom(RESOURCE, { ...STANDALONE, service: { name: 'partner' }, allowFrom: [] });
    expect(only(manifests, 'Service').metadata.name).toBe('partner');
    expect(clientPolicy(manifests).metadata.name).toBe('egress-router-qa');
  });
});

const RULE = { ...RESOURCE.spec.redirect.redirectRules[0]!, weight: 1 };

describe.each<[string, CustomResourceOptions, string]>([
  ['operator mode', {}, 'mode.networkInterface.macvlan.mtus'],
  ['standalone mode', STANDALONE, 'mode.link.mtus'],
])('in %s', (_mode, options, mtus) => {
  test.each<[string, object, string]>([
    ['of the spec', withSpec({ hostNetwork: true }), 'hostNetwork: true'],
    ['of redirect', withSpec({ redirect: { ...RESOURCE.spec.redirect, extra: 1 } }), '"redirect.extra": 1'],
    ['of a rule', withSpec({ redirect: { redirectRules: [RULE] } }), 'redirectRules[0].weight: 1'],
    ['of an address', withSpec({ addresses: [{ ...RESOURCE.spec.addresses[0], vlan: 7 }] }), 'addresses[0].vlan: 7'],
    ['of macvlan', withSpec({ networkInterface: { macvlan: { mtus: 1400 } } }), `${mtus}: 1400`],
  ])('an unknown field %s is refused by its name', (_what, resource, begins) => {
    expect(errorsFrom(resource, options)).toEqual([expect.stringContaining(`[prod/db] ${begins} is an unknown key`)]);
  });

  test('another kind of interface is refused', () => {
    expect(errorsFrom(withSpec({ networkInterface: { ipvlan: {} } }), options)).toEqual([
      expect.stringMatching(/^\[prod\/db\] "networkInterface\.ipvlan": \{\} is an unknown key/),
    ]);
  });

  test.each<[string, object]>([
    ['networkInterface', { networkInterface: 'eth1' }],
    ['macvlan', { networkInterface: { macvlan: 'eth1' } }],
    ['redirect', { redirect: 'x' }],
  ])('%s as a text is not lost', (_field, spec) => {
    expect(errorsFrom(withSpec(spec), options)).toContainEqual(expect.stringMatching(/: "(eth1|x)" is an unknown key/));
  });

  test('a mode that the operator does not have is refused', () => {
    const errors = errorsFrom(withSpec({ mode: 'HTTPProxy' }), options);
    expect(errors[0]).toContain('[prod/db] mode: "HTTPProxy" is the HTTP-proxy mode');
    expect(errors).toHaveLength(1);
    expect(errorsFrom(withSpec({ mode: undefined }), options)).toEqual([]);
  });
});

test('wrong values are issues of the router, not exceptions', () => {
  const spec = { addresses: 'x', redirect: { redirectRules: 'y', fallbackIP: 7 } };
  expect(errorsFrom({ ...RESOURCE, spec }, STANDALONE).map((error) => error.split(' ')[1])).toEqual([
    'addresses:',
    'redirectRules:',
    'fallbackIp:',
  ]);
});

test.each<[string, object, string]>([
  ['a mode', { mode: 'standalone' }, 'mode: "standalone" is not a RouterMode'],
  ['a cluster', { cluster: 'prod' }, 'cluster: "prod" is not a cluster'],
  ['a network', { network: 'lan' }, 'network: "lan" is not a network'],
  ['an option', { modus: 1 }, 'modus: 1 is an unknown key'],
])('%s in the place of the options is an issue, not an exception', (_what, options, begins) => {
  expect(errorsFrom(RESOURCE, options)).toEqual([expect.stringContaining(`[prod/db] ${begins}`)]);
});

test('what the API server and kubectl added to an exported resource is dropped, and what its user said is kept', () => {
  const exported = {
    ...withMetadata({
      name: 'egress-router-qa',
      namespace: 'partners',
      labels: { team: 'a' },
      annotations: { note: 'b', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 2,
      managedFields: [{ manager: 'kubectl' }],
      resourceVersion: '1',
      uid: '8a5c3f0e',
    }),
    status: { conditions: [] },
  };
  expect(only(synthFrom(exported, STANDALONE), 'Deployment').metadata).toEqual({
    name: 'egress-router-qa',
    namespace: 'partners',
    labels: {
      team: 'a',
      'app.kubernetes.io/name': 'egress-router',
      'app.kubernetes.io/instance': 'egress-router-qa',
    },
    annotations: { note: 'b' },
  });
});

test.each<[string, unknown, string]>([
  ['another kind', { ...RESOURCE, kind: 'EgressIP' }, 'customResource.kind: "EgressIP" is not known'],
  ['another version', { ...RESOURCE, apiVersion: 'v1' }, 'customResource.apiVersion: "v1" is not known'],
  ['no metadata', { ...RESOURCE, metadata: undefined }, 'customResource.metadata: (nothing) is missing'],
  ['no spec', { ...RESOURCE, spec: [] }, 'customResource.spec: [] is not an object'],
  ['the text of a file', 'kind: EgressRouter', 'customResource: "kind: EgressRouter" is not an object'],
  ['nothing', undefined, 'customResource: (nothing) is missing'],
])('%s is not imported', (_what, resource, message) => {
  expect(() => EgressRouter.fromCustomResource(newChart(), 'db', resource as object)).toThrow(message);
});
