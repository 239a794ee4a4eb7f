/** The real Keystone and Neutron, each behind TLS with a certificate that no system trusts. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create } from '../../cloud/openstack/pair-operations';
import { describeWithOpenStack, passwordVariables, type TestCloud } from './server/describe-with-openstack';
import { CertificateAuthority, missingOpenSsl, TlsFront } from './server/tls-front';

const PAIR = { ipAddress: '192.168.12.99', macAddress: '02:00:c0:a8:0c:63' };

describeWithOpenStack('a cloud whose certificates are its own', tests, missingOpenSsl);

function tests(cloud: () => TestCloud): void {
  const before = { ...process.env };
  let authority: CertificateAuthority;
  let fronts: { keystone: TlsFront; neutron: TlsFront };
  let variables: Record<string, string>;

  beforeAll(async () => {
    authority = new CertificateAuthority();
    const certificate = authority.issue('IP:127.0.0.1');
    const { admin, gate } = cloud();
    fronts = {
      keystone: await TlsFront.before(admin.address.authUrl, certificate),
      neutron: await TlsFront.before(gate.url, certificate),
    };
    const region = `tls-${new URL(fronts.neutron.url).port}`;
    await admin.addToCatalog('network', region, fronts.neutron.url);
    variables = {
      ...passwordVariables(admin.address),
      OS_AUTH_URL: `${fronts.keystone.url}/v3`,
      OS_REGION_NAME: region,
    };
  });

  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OS_')) delete process.env[name];
    Object.assign(process.env, variables);
    fronts.keystone.passed = 0;
    fronts.neutron.passed = 0;
  });

  afterAll(async () => {
    process.env = before;
    await Promise.all([fronts.keystone.close(), fronts.neutron.close()]);
    authority.remove();
  });

  async function newInputs() {
    const { id: portId } = await cloud().admin.createPort(cloud().networkId);
    return { portId, ...PAIR };
  }

  /** What `create` fails with. Never a secret. */
  async function failure(): Promise<string> {
    const error: Error = await create(await newInputs()).then(
      () => new Error('it did not fail'),
      (reason) => reason,
    );
    expect(error.message).not.toContain(cloud().admin.address.password);
    return error.message;
  }

  test('OS_CACERT names the authority: token and pair go through TLS', async () => {
    process.env.OS_CACERT = authority.file;
    const inputs = await newInputs();
    await create(inputs);
    expect(await cloud().admin.pairs(inputs.portId)).toEqual([`${PAIR.ipAddress} ${PAIR.macAddress}`]);
    expect(fronts.keystone.passed).toBe(1);
    expect(fronts.neutron.passed).toBe(cloud().gate.passed.length);
    expect(cloud().gate.writes).toBe(1);
  });

  test('so does cacert in clouds.yaml', async () => {
    const { username, password, projectName } = cloud().admin.address;
    const file = join(dirname(authority.file), 'clouds.yaml');
    const auth = { auth_url: variables.OS_AUTH_URL, username, password, project_name: projectName };
    const settings = { auth, cacert: authority.file, region_name: variables.OS_REGION_NAME };
    writeFileSync(file, JSON.stringify({ clouds: { own: settings } }));
    for (const name of Object.keys(variables)) delete process.env[name];
    process.env.OS_CLIENT_CONFIG_FILE = file;
    const inputs = await newInputs();
    await create(inputs);
    expect(await cloud().admin.pairs(inputs.portId)).toHaveLength(1);
  });

  test('no request is sent or retried without it, and the error names the setting', async () => {
    const message = await failure();
    // Without "(after 6 tries)".
    expect(message).toMatch(
      /^POST https:.*: the server's certificate is not trusted \((UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY): .*\); `cacert` in clouds\.yaml, or OS_CACERT, must name the file of the certificate authority that signed it$/,
    );
    expect(fronts.keystone.passed).toBe(0);
  });

  test("another authority's certificate is not trusted either", async () => {
    const other = new CertificateAuthority();
    try {
      process.env.OS_CACERT = other.file;
      expect(await failure()).toContain('certificate is not trusted');
      expect(fronts.keystone.passed).toBe(0);
    } finally {
      other.remove();
    }
  });

  test.each<[what: string, wish: { name?: string; days?: number; wantsCertificate?: boolean }, expected: RegExp]>([
    [
      'for another name',
      { name: 'DNS:keystone.example.org' },
      /is for another name .*ERR_TLS_CERT_ALTNAME_INVALID.*auth_url/,
    ],
    ['that has expired', { days: -1 }, /has expired, or is not valid yet .*CERT_HAS_EXPIRED/],
    ["and the wish for a client's", { wantsCertificate: true }, /requires a client certificate .*; .* not supported/],
  ])(
    'a certificate %s is not a matter of cacert',
    async (_what, { name = 'IP:127.0.0.1', days, ...options }, expected) => {
      const certificate = authority.issue(name, days);
      const front = await TlsFront.before(cloud().admin.address.authUrl, certificate, options);
      try {
        Object.assign(process.env, { OS_CACERT: authority.file, OS_AUTH_URL: `${front.url}/v3` });
        const message = await failure();
        expect(message).toMatch(expected);
        expect(message).not.toMatch(/cacert|after \d+ tries/);
        expect(front.passed).toBe(0);
      } finally {
        await front.close();
      }
    },
  );
}
