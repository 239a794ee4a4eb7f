import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { blocksOf } from '../../test/support/markdown';
import type { Story } from '../story';

const ROOT = resolve(__dirname, '..', '..');

/**
 * The README's standalone section as it is written: its program, and its commands in their order. Not run here: the image's way
 * through a registry, which the nodes are given by file.
 */
export const readme: Story = {
  name: 'the README from an empty cluster to a router',
  async tell(world) {
    const blocks = blocksOf('README.md').filter(({ heading }) => heading === 'Standalone');
    const [program] = blocks.filter(({ language }) => language === 'ts');
    const [image, ...commands] = blocks.filter(({ language }) => language === 'sh');
    expect(image!.text).toMatch(/^npm run image\nskopeo copy --all /);
    const seeing = blocksOf('README.md')
      .find(({ heading }) => heading === 'See it before')!
      .text.split('\n');
    // Within the package, where the library's name leads to the library.
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    const folder = mkdtempSync(join(ROOT, 'dist', 'readme-'));
    try {
      writeFileSync(join(folder, 'main.ts'), program!.text);
      const wrapper = join(folder, 'bin', 'kubectl');
      mkdirSync(join(folder, 'bin'));
      writeFileSync(wrapper, `#!/bin/sh\nexec ${world.kubectl.shellWords} "$@"\n`, { mode: 0o755 });
      const run = (script: string) => {
        const path = [join(folder, 'bin'), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
        // cdk8s asks a registry for its newest version unless it is in a pipeline.
        const env = { ...process.env, CI: 'true', PATH: path, CDK8S_OUTDIR: undefined };
        const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -euo pipefail\n${script}`], {
          cwd: folder,
          env,
          encoding: 'utf8',
        });
        return { status, output: `${stdout}${stderr}` };
      };
      for (const { text } of commands) {
        const { status, output } = run(text);
        if (status !== 0) throw new Error(`exit status ${status} of\n${text}${output}`);
      }
      const [, , look] = commands;
      expect(run(look!.text).output).toContain('[+]gateway ok\n');

      world.makeNamespace('bank-clients', { 'bank-access': 'yes' });
      await world.startClient('bank-clients', 'client', world.cluster.workers[0]!.name);
      const request = 'tcp bank.partners.svc.cluster.local 443';
      expect(['192.168.12.99', '2001:db8:12::99']).toContain((await world.ask('bank-clients', 'client', request)).peer);

      cpSync(join(folder, 'dist'), join(folder, 'before'), { recursive: true });
      writeFileSync(join(folder, 'main.ts'), program!.text.replace("'203.0.113.26'", "'203.0.113.27'"));
      run('npx cdk8s synth --app "npx tsx main.ts"');
      const { status, output } = run(seeing.find((line) => line.includes('--diff'))!);
      expect({ status, output }).toEqual({
        status: 2,
        output: expect.stringContaining('| `partners/bank` | pod restart |'),
      });
    } finally {
      rmSync(folder, { recursive: true });
      for (const namespace of ['bank-clients', 'partners', 'egress-router-plugin'])
        world.kubectl.run(['delete', 'namespace', namespace, '--ignore-not-found']);
    }
  },
};
