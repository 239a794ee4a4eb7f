/** An application credential that may do what docs/cloud.md says it has to, and nothing else. */
import { create, read, remove } from '../../cloud/openstack/pair-operations';
import { blocksOf } from '../support/markdown';
import type { AccessRule } from './server/admin';
import { describeWithOpenStack } from './server/describe-with-openstack';

const PAIR = { ipAddress: '192.168.12.99', macAddress: '02:00:c0:a8:0c:63' };

describeWithOpenStack('an application credential with access rules', (cloud) => {
  const before = { ...process.env };

  afterAll(() => {
    process.env = before;
  });

  /** Makes the credential that the variables name. */
  async function use(name: string, rules: readonly AccessRule[]) {
    const { admin, networkId, variables } = cloud();
    const { id, secret } = await admin.createApplicationCredential(name, rules);
    for (const key of Object.keys(process.env)) if (key.startsWith('OS_')) delete process.env[key];
    Object.assign(process.env, {
      OS_AUTH_URL: variables.OS_AUTH_URL,
      OS_REGION_NAME: variables.OS_REGION_NAME,
      OS_APPLICATION_CREDENTIAL_ID: id,
      OS_APPLICATION_CREDENTIAL_SECRET: secret,
    });
    const port = await admin.createPort(networkId);
    return { portId: port.id, secret };
  }

  test('the documented ones are enough to put a pair in, look at it and take it out', async () => {
    const { admin } = cloud();
    const { portId } = await use('documented', documentedRules());
    const { outs } = await create({ portId, ...PAIR });
    expect(await admin.pairs(portId)).toHaveLength(1);
    expect(await read(outs!)).toMatchObject({ props: PAIR });
    await remove(outs!);
    expect(await admin.pairs(portId)).toEqual([]);
  });

  test.each(['GET', 'PUT'])('the error says what is missing without the rule for %s of a port', async (method) => {
    const { admin, gate } = cloud();
    const isNeeded = (rule: AccessRule) => rule.method === method && rule.path === '/v2.0/ports/*';
    const rules = documentedRules().filter((rule) => !isNeeded(rule));
    expect(rules).toHaveLength(3);
    const { portId, secret } = await use(`without ${method}`, rules);
    const error: Error = await create({ portId, ...PAIR }).then(
      () => new Error('it did not fail'),
      (reason) => reason,
    );
    expect(error.message).toMatch(
      new RegExp(
        `^${method} ${gate.url}/v2.0/ports/${portId}: answered 401 to a token that was just issued to .* OS_\\* variables`,
      ),
    );
    expect(error.message).toContain('the access rules of an application credential must allow this request');
    expect(error.message).not.toContain(secret);
    expect(gate.passed.filter((request) => request.startsWith(method))).toHaveLength(2);
    expect(await admin.pairs(portId)).toEqual([]);
  });
});

function documentedRules(): AccessRule[] {
  const block = blocksOf('docs/cloud.md').find(({ text }) => text.includes('--access-rules'))!;
  return JSON.parse(/'(\[.*\])'/s.exec(block.text)![1]!);
}
