import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../../test/support/markdown';
import { Reader } from '../reader';
import type { Scenario } from '../scenario';

/** The namespaces that its commands create. */
const NAMESPACES = ['partners', 'egress-router-plugin', 'shop'];

/**
 * The README's quick start in standalone mode as it is written: its program, and its commands in their order. Not run
 * here: the images' way through a registry, which the nodes are given by file.
 */
export const readme: Scenario = {
  name: 'the README from an empty cluster to a router',
  async run(environment) {
    const blocks = blocksOf('README.md').filter(({ heading }) => heading === 'Quick start: standalone mode');
    const [program] = blocks.filter(({ language }) => language === 'ts');
    const [image, namespaces, apply, connect] = blocks.filter(({ language }) => language === 'sh');
    expect(image!.text).toMatch(/^npm run image\nskopeo copy --all /);
    const seeing = blocksOf('README.md').find(({ heading }) => heading === 'Day two')!;
    const [plan, diff, diagram] = seeing.text.split('\n') as [string, string, string];
    expect([plan, diff, diagram].map((line) => / dist\/ +#/.test(line))).toEqual([true, true, true]);
    using reader = new Reader(environment);
    const clear = () => environment.kubectl.run(['delete', 'namespace', ...NAMESPACES, '--ignore-not-found']);
    // A user's cluster may have been here before.
    clear();
    try {
      const text = program!.text
        .replace("{ image: 'registry.example.com/shop:1' }", (image) => `{ ...${image}, ...PRESENT }`)
        .replace('const app =', 'const PRESENT = { imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT };\n$&')
        .replace('{ Deployment }', '{ Deployment, ImagePullPolicy }');
      writeFileSync(join(reader.folder, 'main.ts'), text);
      reader.run(namespaces!.text);
      expect(reader.run(apply!.text)).toContain('partners/bank: no finding\n');
      // What curl prints after the progress of its transfer.
      expect(reader.run(connect!.text)).toMatch(/"peer":"192\.168\.12\.99","name":"api\.bank\.example"/);

      expect(reader.run(plan)).toContain('\n# Router partners/bank: ');
      expect(reader.run(diagram)).toContain('Egress router partners/bank');
      cpSync(join(reader.folder, 'dist'), join(reader.folder, 'before'), { recursive: true });
      const changed = text.replace("'203.0.113.26'", "'203.0.113.27'");
      writeFileSync(join(reader.folder, 'main.ts'), changed);
      reader.run('npx cdk8s synth --app "npx tsx main.ts"');
      expect(reader.try(diff)).toEqual({
        status: 2,
        output: expect.stringContaining('| `partners/bank` | pod restart |'),
      });
    } finally {
      clear();
    }
  },
};
