import { existsSync } from 'node:fs';
import { startApiServer } from './api-server';
import { describeWithApiServer } from './describe-with-api-server';

/** The example of OKD's documentation: three rules, a macvlan in bridge mode. */
function exampleRouter() {
  return {
    apiVersion: 'network.operator.openshift.io/v1',
    kind: 'EgressRouter',
    metadata: { name: 'egress-router-redirect' },
    spec: {
      networkInterface: { macvlan: { mode: 'Bridge' } },
      addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
      mode: 'Redirect',
      redirect: {
        redirectRules: [
          { destinationIP: '10.0.0.99', port: 80, protocol: 'UDP' },
          { destinationIP: '203.0.113.26', port: 8080, targetPort: 80, protocol: 'TCP' },
          { destinationIP: '203.0.113.27', port: 8443, targetPort: 443, protocol: 'TCP' },
        ],
      },
    },
  };
}

const rule = { destinationIP: '203.0.113.26', port: 443, protocol: 'TCP' };

describeWithApiServer('the test API server', (server) => {
  /** Creates an object without keeping it. */
  const dryRun = (object: object, ...args: string[]) =>
    server().tryKubectl(['create', '--dry-run=server', '-f', '-', ...args], JSON.stringify(object));

  describe('EgressRouter', () => {
    const withSpec = (change: object) => ({
      ...exampleRouter(),
      spec: { ...exampleRouter().spec, ...change },
    });
    const withRule = (change: object) => withSpec({ redirect: { redirectRules: [{ ...rule, ...change }] } });
    const withMacvlan = (macvlan: object) => withSpec({ networkInterface: { macvlan } });
    const without = (key: string) => withSpec({ [key]: undefined });

    test("takes the example of OKD's documentation", () => {
      expect(dryRun(exampleRouter())).toMatchObject({ status: 0, stderr: '' });
    });

    test('fills in mode and interface', () => {
      const router = withSpec({ mode: undefined, networkInterface: undefined });
      const { stdout } = dryRun(router, '-o', 'json');
      expect(JSON.parse(stdout).spec).toMatchObject({
        mode: 'Redirect',
        networkInterface: { macvlan: { mode: 'Bridge' } },
      });
    });

    test.each([
      ['IPv6 everywhere', { addresses: [{ ip: '2001:db8::99/64', gateway: 'fe80::1' }] }],
      ['only a fallback', { redirect: { fallbackIP: '2001:db8::1' } }],
      ['no address', { addresses: [] }],
      ['an invalid address', { addresses: [{ ip: 'nonsense' }] }],
    ])('takes %s', (_, change) => {
      expect(dryRun(withSpec(change))).toMatchObject({ status: 0, stderr: '' });
    });

    test.each([
      ['spec.mode', 'Unsupported value: "HTTPProxy"', withSpec({ mode: 'HTTPProxy' })],
      ['spec.redirect', 'Required value', without('redirect')],
      ['spec.addresses', 'Required value', without('addresses')],
      ['spec.addresses[0].ip', 'Required value', withSpec({ addresses: [{}] })],
      ['spec.addresses[0].gateway', 'Invalid value', withSpec({ addresses: [{ ip: '192.0.2.9/24', gateway: 'x' }] })],
      ['spec.networkInterface.macvlan.mode', 'Unsupported value: "bridge"', withMacvlan({ mode: 'bridge' })],
      ['spec.redirect.fallbackIP', 'Invalid value', withSpec({ redirect: { fallbackIP: 'example.com' } })],
      ['spec.redirect.redirectRules[0].destinationIP', 'Invalid value', withRule({ destinationIP: '203.0.113.0/24' })],
      ['spec.redirect.redirectRules[0].destinationIP', 'Required value', withRule({ destinationIP: undefined })],
      ['spec.redirect.redirectRules[0].protocol', 'Unsupported value: "tcp"', withRule({ protocol: 'tcp' })],
      ['spec.redirect.redirectRules[0].protocol', 'Required value', withRule({ protocol: undefined })],
      ['spec.redirect.redirectRules[0].port', 'greater than or equal to 1', withRule({ port: 0 })],
      ['spec.redirect.redirectRules[0].port', 'less than or equal to 65535', withRule({ port: 65536 })],
      ['spec.redirect.redirectRules[0].port', 'must be of type integer', withRule({ port: '443' })],
      ['spec.redirect.redirectRules[0].targetPort', 'greater than or equal to 1', withRule({ targetPort: 0 })],
    ])('refuses %s: %s', (field, reason, router) => {
      const { status, stderr } = dryRun(router);
      expect(status).toBe(1);
      expect(stderr).toContain(`${field}: `);
      expect(stderr).toContain(reason);
    });

    test('refuses a field that it does not know', () => {
      expect(dryRun(withSpec({ fallbackIP: '192.0.2.1' })).stderr).toContain('unknown field "spec.fallbackIP"');
    });

    test('keeps a status apart from the spec and prints it', () => {
      const { kubectl } = server();
      const condition = { type: 'Available', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' };
      const status = JSON.stringify({ status: { conditions: [condition] } });
      kubectl(['create', '-f', '-'], JSON.stringify({ ...exampleRouter(), status: { conditions: [condition] } }));
      const shown = () => kubectl(['get', 'egressrouter', 'egress-router-redirect', '--no-headers']).trim();
      expect(shown()).toBe('egress-router-redirect');
      kubectl([
        'patch',
        'egressrouter',
        'egress-router-redirect',
        '--subresource=status',
        '--type=merge',
        '-p',
        status,
      ]);
      expect(shown()).toMatch(/^egress-router-redirect +Available +True$/);
      kubectl(['delete', 'egressrouter', 'egress-router-redirect']);
    });
  });

  test('a NetworkAttachmentDefinition comes back as it was', () => {
    const { kubectl } = server();
    const config = JSON.stringify({
      cniVersion: '1.0.0',
      type: 'egress-router',
      name: 'lan',
      ip: { 'ü\n"': '<&>' },
    });
    const definition = {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'lan' },
      spec: { config },
    };
    kubectl(['apply', '-f', '-'], JSON.stringify(definition));
    const back = JSON.parse(kubectl(['get', 'net-attach-def', 'lan', '-o', 'json']));
    expect(back.spec.config).toBe(config);
    kubectl(['delete', 'net-attach-def', 'lan']);
  });

  test('Pod Security is enforced', () => {
    const { kubectl } = server();
    // A name of this run: nothing in the test server would finish removing the namespace.
    const namespace = `restricted-${process.pid}`;
    const withSecurity = (securityContext: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace },
      spec: { containers: [{ name: 'probe', image: 'example.com/probe:1', securityContext }] },
    });
    const restricted = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    kubectl(['create', 'namespace', namespace]);
    kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);

    expect(dryRun(withSecurity(restricted))).toMatchObject({ status: 0 });
    const refused = dryRun(withSecurity({ privileged: true }));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('violates PodSecurity "restricted:latest": privileged');
    kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  test('a failing command throws its words and those of kubectl', () => {
    expect(() => server().kubectl(['get', 'pod', 'missing'])).toThrow(
      'kubectl get pod missing ended with status 1:\nError from server (NotFound): pods "missing" not found',
    );
  });
});

describeWithApiServer(
  'a test API server with one family of addresses',
  (server) => {
    test('has no other', () => {
      const { kubectl } = server();
      const address = ['get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIPs}'];
      expect(kubectl(address)).toBe('["fd00:10:96::1"]');
    });

    test('leaves nothing behind', async () => {
      const second = await startApiServer({ serviceClusterIpRange: '10.96.0.0/16' });
      expect(existsSync(second.kubeconfig)).toBe(true);
      await second.stop();
      expect(existsSync(second.kubeconfig)).toBe(false);
    }, 90_000);
  },
  { serviceClusterIpRange: 'fd00:10:96::/112' },
);
