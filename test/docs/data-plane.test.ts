import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { dataPlane } from '../../src/domain/data-plane/data-plane';
import { dataPlaneCommands } from '../../src/domain/data-plane/data-plane-text';
import { decodeNetworkConfig } from '../../src/domain/router/network-config';
import { blocksOf } from '../support/markdown';

interface Manifest {
  readonly kind: string;
  readonly spec: { readonly config: string };
}

test('the commands in docs/data-plane.md are those of the standalone example', () => {
  const manifests = Yaml.load(join(__dirname, '../fixtures/standalone.k8s.yaml')) as Manifest[];
  const { spec } = manifests.find(({ kind }) => kind === 'NetworkAttachmentDefinition')!;
  const plane = dataPlane(decodeNetworkConfig(JSON.parse(spec.config)), 'net1', 'eth0');
  const documented = blocksOf('docs/data-plane.md').find(({ language }) => language === 'sh');
  const commands = dataPlaneCommands(plane, 'PARENT', 'POD').map(({ command }) => command);
  expect(documented?.text).toBe(`${commands.join('\n')}\n`);
});
