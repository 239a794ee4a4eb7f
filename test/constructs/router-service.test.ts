import { Protocol, ServiceType } from 'cdk8s-plus-28';
import { EgressRouter, type EgressRouterServiceOptions, ExternalTrafficPolicy, Link } from '../../src';
import { errorsOf, newChart, only, STANDALONE, standalone, synth, synthErrors, synthRouter } from '../support/synth';

// A port with two protocols is warned about, which is another test's business.
beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

test('ports follow from the rules, a shared port of both families once', () => {
  const service = only(
    synthRouter({
      ...STANDALONE,
      addresses: [
        { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
        { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
      ],
      redirectRules: [
        { port: 443, protocol: Protocol.TCP, destinationIp: '203.0.113.26' },
        { port: 443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26' },
        { port: 53, protocol: Protocol.UDP, destinationIp: '203.0.113.53' },
        { port: 53, protocol: Protocol.TCP, destinationIp: '203.0.113.53' },
        { port: 2905, protocol: Protocol.SCTP, destinationIp: '203.0.113.29' },
      ],
    }),
    'Service',
  );
  expect(service.spec.ports).toEqual([
    { name: 'tcp-443', port: 443, protocol: 'TCP' },
    { name: 'udp-53', port: 53, protocol: 'UDP' },
    { name: 'tcp-53', port: 53, protocol: 'TCP' },
    { name: 'sctp-2905', port: 2905, protocol: 'SCTP' },
  ]);
  expect(service.spec.ipFamilyPolicy).toBe('PreferDualStack');
  expect(service.spec).not.toHaveProperty('ipFamilies');
});

test('a router with IPv6 alone has a Service of that family', () => {
  const service = only(
    synthRouter({
      ...STANDALONE,
      addresses: [{ ip: '2001:db8:12::99/64', gateway: 'fe80::1' }],
      redirectRules: [{ port: 443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26' }],
    }),
    'Service',
  );
  expect(service.spec).toMatchObject({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] });
});

test('type, name, annotations and ports can be set', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', {
    ...STANDALONE,
    metadata: { annotations: { team: 'a', tier: 'x' } },
    service: {
      name: 'partner',
      type: ServiceType.NODE_PORT,
      annotations: { tier: 'edge' },
      ports: [
        { port: 443, targetPort: 8443, name: 'https' },
        { port: 8443, nodePort: 30443 },
      ],
    },
  });
  const service = only(synth(chart), 'Service');
  expect(service.metadata).toMatchObject({ name: 'partner', annotations: { team: 'a', tier: 'edge' } });
  expect(service.spec.type).toBe('NodePort');
  expect(service.spec.ports).toEqual([
    { name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' },
    { name: 'tcp-8443', port: 8443, protocol: 'TCP', nodePort: 30443 },
  ]);
  expect(router.clientHost).toBe('partner.egress.svc');
});

test('labels and a cluster IP of its own', () => {
  const service = { labels: { mesh: 'edge', team: 'b' }, clusterIp: '172.30.0.99' };
  const router = synthRouter({ ...STANDALONE, metadata: { labels: { team: 'a' } }, service });
  const { metadata, spec } = only(router, 'Service');
  expect(metadata.labels).toEqual({
    'app.kubernetes.io/name': 'egress-router',
    'app.kubernetes.io/instance': 'db',
    mesh: 'edge',
    team: 'b',
  });
  expect(spec).toMatchObject({ type: 'ClusterIP', clusterIP: '172.30.0.99' });
  expect(only(router, 'Deployment').metadata.labels).toMatchObject({ team: 'a' });
});

test('which nodes take traffic from outside, and from which networks', () => {
  const externalTrafficPolicy = ExternalTrafficPolicy.LOCAL;
  const specOf = (service: EgressRouterServiceOptions) => only(synthRouter({ ...STANDALONE, service }), 'Service').spec;
  const nodePort = specOf({ type: ServiceType.NODE_PORT, externalTrafficPolicy });
  expect(nodePort).toMatchObject({ type: 'NodePort', externalTrafficPolicy: 'Local' });
  const loadBalancerSourceRanges = ['10.0.0.0/8', '2001:db8::/32'];
  const balancer = specOf({ type: ServiceType.LOAD_BALANCER, externalTrafficPolicy, loadBalancerSourceRanges });
  expect(balancer).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerSourceRanges });
  const plain = specOf({ type: ServiceType.LOAD_BALANCER });
  for (const key of ['externalTrafficPolicy', 'loadBalancerSourceRanges', 'clusterIP'])
    expect(plain).not.toHaveProperty(key);
});

test('a fallback alone needs ports that the user names', () => {
  const { redirectRules: _, ...noRules } = STANDALONE;
  expect(errorsOf({ ...noRules, fallbackIp: '203.0.113.27' })).toEqual([
    expect.stringMatching(
      /^\[prod\/db\] service\.ports: \(nothing\) leaves the Service without ports: fallbackIp alone.*accepted: at least one port/,
    ),
  ]);
  const manifests = synthRouter({
    ...noRules,
    fallbackIp: '203.0.113.27',
    service: { ports: [{ port: 443 }, { port: 53, protocol: Protocol.UDP }] },
  });
  expect(only(manifests, 'Service').spec.ports).toEqual([
    { name: 'tcp-443', port: 443, protocol: 'TCP' },
    { name: 'udp-53', port: 53, protocol: 'UDP' },
  ]);
});

test('a port that leads nowhere is refused', () => {
  expect(errorsOf({ ...STANDALONE, service: { ports: [{ port: 9000 }] } })).toEqual([
    expect.stringContaining(
      'service.ports[0]: {"port":9000} leads to TCP port 9000 of the router, where no rule listens',
    ),
  ]);
  expect(errorsOf({ ...STANDALONE, service: { ports: [{ port: 9180 }] } })).toEqual([]);
});

test('a rule added later gets its port', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', { ...STANDALONE, redirectRules: undefined });
  router.addRedirectRule({ port: 1521, protocol: Protocol.TCP, destinationIp: '203.0.113.15' });
  const manifests = synth(chart);
  expect(only(manifests, 'Service').spec.ports).toEqual([{ name: 'tcp-1521', port: 1521, protocol: 'TCP' }]);
  expect(JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config).ip.destinations).toEqual([
    '1521 TCP 203.0.113.15',
  ]);
  expect(router.redirectRules).toEqual([{ port: 1521, protocol: 'TCP', destinationIp: '203.0.113.15' }]);
});

describe('a port that the user binds to the Service', () => {
  const rule = (port: number) => ({ port, protocol: Protocol.TCP, destinationIp: '203.0.113.15' });
  const https = { name: 'https', nodePort: 30443 };

  test.each<[string, (router: EgressRouter) => void]>([
    [
      'before its rule',
      (router) => {
        router.service.bind(443, https);
        router.addRedirectRule(rule(443));
      },
    ],
    [
      'after its rule',
      (router) => {
        router.addRedirectRule(rule(443));
        router.service.bind(443, https);
      },
    ],
  ])('%s takes the place of the port of the rule', (_when, bind) => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, service: { type: ServiceType.NODE_PORT } });
    bind(router);
    const expected = [
      { name: 'tcp-8443', port: 8443, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP', nodePort: 30443 },
    ];
    expect(only(synth(chart), 'Service').spec.ports).toEqual(expected);
    expect(router.service.ports).toEqual(expected);
  });

  test('leads to a rule under another number, which is added after it', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, redirectRules: undefined });
    router.service.bind(443, { targetPort: 9443 });
    router.addRedirectRule(rule(9443));
    expect(only(synth(chart), 'Service').spec.ports).toEqual([
      { name: 'tcp-443', port: 443, targetPort: 9443, protocol: 'TCP' },
      { name: 'tcp-9443', port: 9443, protocol: 'TCP' },
    ]);
  });

  test('is refused by its name where no rule listens, and when it is bound twice', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, service: { ports: [{ port: 8443 }] } });
    router.service.bind(9000);
    router.service.bind(8443);
    router.service.bind(70000);
    expect(synthErrors(chart)).toEqual([
      '[prod/db] service.bind(9000): {"port":9000} leads to TCP port 9000 of the router, where no rule listens; accepted: a port of a redirect rule, or a fallbackIp that takes every port',
      '[prod/db] service.bind(8443): {"port":8443} is TCP port 8443 as service.ports[0] is already; accepted: one entry for a protocol and port',
      expect.stringContaining('[prod/db] service.bind(8443): {"port":8443} is named "tcp-8443" as service.ports[0] is'),
      expect.stringContaining('[prod/db] service.bind(70000).port: 70000 is out of range'),
    ]);
    router.addRedirectRule(rule(9000));
    expect(synthErrors(chart).join()).not.toContain('bind(9000)');
  });

  test('is enough for a fallback alone, and a node port that another router has is found', () => {
    const chart = newChart();
    for (const octet of [11, 12]) {
      const { service } = new EgressRouter(chart, `r${octet}`, {
        ...standalone({ redirectRules: undefined, fallbackIp: '203.0.113.27' }),
        addresses: [{ ip: `192.168.12.${octet}/24`, gateway: '192.168.12.1' }],
        service: { type: ServiceType.NODE_PORT },
      });
      service.bind(443, { nodePort: 30443 });
    }
    expect(synthErrors(chart)).toEqual([
      expect.stringContaining(
        '[prod/r12] service: "node port TCP 30443" is also asked for by the Service of [prod/r11]',
      ),
    ]);
  });
});

test("a rule added later does not change the user's own list", () => {
  const redirectRules = [...STANDALONE.redirectRules!];
  const router = new EgressRouter(newChart(), 'db', { ...STANDALONE, redirectRules });
  router.addRedirectRule({ port: 1521, protocol: Protocol.TCP, destinationIp: '203.0.113.15' });
  expect(redirectRules).toHaveLength(1);
});

test('the family is that of the rules, not of the addresses, and follows rules that are added', () => {
  const chart = newChart();
  const addresses = [
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
  ];
  const router = new EgressRouter(chart, 'db', { ...STANDALONE, addresses });
  expect(only(synth(chart), 'Service').spec).toMatchObject({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] });
  router.addRedirectRule({ port: 443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26' });
  const { spec } = only(synth(chart), 'Service');
  expect(spec.ipFamilyPolicy).toBe('PreferDualStack');
  expect(spec).not.toHaveProperty('ipFamilies');
});

test('address and MAC are known before the first rule, and do not wait for the last', () => {
  const router = new EgressRouter(newChart(), 'db', { ...STANDALONE, redirectRules: undefined });
  expect(router.macAddress).toBe('e2:65:c0:a8:0c:63');
  expect(router.addresses).toEqual([{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }]);
  expect(() => router.describe()).toThrow('[prod/db] redirectRules: [] leaves nothing to redirect');
});

test('while the address is wrong, no MAC address is known', () => {
  const router = new EgressRouter(newChart(), 'db', { ...STANDALONE, addresses: [{ ip: 'x' }] });
  expect(router.macAddress).toBeUndefined();
  expect(router.addresses).toEqual([{ ip: 'x' }]);
});

test('a wrong MAC address is not replaced by another', () => {
  const link = Link.macvlan({ macAddress: 'x' });
  expect(new EgressRouter(newChart(), 'db', standalone({ link })).macAddress).toBeUndefined();
});

test('a node port and a cluster IP are asked for by one router of a cluster', () => {
  const chart = newChart();
  const service = { type: ServiceType.NODE_PORT, clusterIp: '172.30.0.9', ports: [{ port: 8443, nodePort: 30443 }] };
  new EgressRouter(chart, 'one', { ...STANDALONE, service });
  new EgressRouter(chart, 'two', {
    ...STANDALONE,
    addresses: [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }],
    service,
  });
  const issue = (reservation: string) =>
    `[prod/two] service: "${reservation}" is also asked for by the Service of [prod/one]; accepted: one that no other router of cluster "default" asks for`;
  expect(synthErrors(chart)).toEqual([issue('node port TCP 30443'), issue('cluster IP 172.30.0.9')]);
});

test('a cluster IP has the family of the rules', () => {
  expect(errorsOf({ ...STANDALONE, service: { clusterIp: 'fd00::9' } })).toEqual([
    '[prod/db] service.clusterIp: "fd00::9" is an IPv6 address, and no rule leads to one; accepted: an IPv4 address, as the destinations have',
  ]);
});
