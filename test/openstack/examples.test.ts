/** The commands of docs/cloud.md for the OpenStack example, with the real command line, Keystone and Neutron. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../support/markdown';
import { Clone } from './pulumi/command-line';
import { missingPulumi } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';
import { NovaStub } from './server/nova-stub';

const FOLDER = 'examples/pulumi-openstack';

/** What prepares a clone, which this one is. */
const PREPARATION = 'npm ci && npm run build && npm run build:cloud\n';

describeWithOpenStack(
  `${FOLDER} by the commands of docs/cloud.md`,
  (cloud) => {
    // As Pulumi.prod.yaml names them.
    const servers = ['worker-1', 'worker-2'].map((name) => ({ id: randomUUID(), name }));
    let nova: NovaStub;
    let clone: Clone;

    beforeAll(async () => {
      const { admin, variables } = cloud();
      nova = await NovaStub.start(servers);
      await admin.addToCatalog('compute', variables.OS_REGION_NAME!, nova.url);
      const { authUrl, username, password, projectName } = admin.address;
      const auth = { auth_url: authUrl, username, password, project_name: projectName };
      clone = new Clone();
      const clouds = { clouds: { prod: { auth, region_name: variables.OS_REGION_NAME } } };
      writeFileSync(join(clone.folder, FOLDER, 'clouds.yaml'), JSON.stringify(clouds));
    });

    afterAll(async () => {
      clone.remove();
      await nova.stop();
    });

    test('the pairs are on the ports of both servers, and `pulumi destroy` takes them out', async () => {
      const { admin, networkId, gate } = cloud();
      const ports = await Promise.all(servers.map(({ id }) => admin.createPort(networkId, { deviceId: id })));
      const commands = documentedCommands();
      expect(commands).toContain(`cd ${FOLDER}\n`);
      expect(commands).toContain('pulumi up\n');

      await clone.run(commands);
      for (const { id } of ports) {
        expect(await admin.pairs(id)).toEqual(['192.168.12.99 e2:65:c0:a8:0c:63', '2001:db8:12::99 e2:65:c0:a8:0c:63']);
      }
      gate.reset();
      expect(await clone.run(`cd ${FOLDER}\npulumi preview`)).toMatch(/ unchanged/);
      expect(gate.writes).toBe(0);

      await clone.run(`cd ${FOLDER}\npulumi destroy`);
      for (const { id } of ports) expect(await admin.pairs(id)).toEqual([]);
    }, 360_000);
  },
  missingPulumi,
);

function documentedCommands(): string {
  const block = blocksOf('docs/cloud.md').find(({ text }) => text.includes(`cd ${FOLDER}`))!;
  expect(block.text.startsWith(PREPARATION)).toBe(true);
  return block.text.slice(PREPARATION.length);
}
