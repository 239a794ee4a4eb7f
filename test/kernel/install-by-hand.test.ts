import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf } from '../support/markdown';
import { describeOnKernel } from './support/requires';

describeOnKernel("the README's way to put the plugin on a node", ['install'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-node-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('ends with an executable that answers', () => {
    const block = blocksOf('README.md').find(({ text }) => text.includes('build:plugin -- --all'))!;
    const commands = block.text.replace('/opt/cni/bin', folder);
    expect(commands).not.toBe(block.text);
    execFileSync('sh', ['-ec', commands], { cwd: join(__dirname, '..', '..'), stdio: 'pipe' });
    const env = { CNI_COMMAND: 'VERSION' };
    const answer = execFileSync(join(folder, 'egress-router'), {
      env,
      input: '{"cniVersion":"1.0.0"}',
      encoding: 'utf8',
    });
    expect(JSON.parse(answer).supportedVersions).toContain('1.1.0');
  });
});
