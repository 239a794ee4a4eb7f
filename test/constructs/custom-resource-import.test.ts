import { EgressRouterCluster, EgressRouterNetwork, Link, RouterMode } from '../../src';
import { RESOURCE, STANDALONE, synthFrom, withSpec } from '../support/custom-resource';
import { clientPolicy, type Manifest, only } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

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
