import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blocksOf } from '../../test/support/markdown';
import { heldState, plannedState } from '../planned-state';
import { Reader } from '../reader';
import type { Scenario } from '../scenario';

const PAGE = 'docs/operations.md';
const EXAMPLE = resolve(__dirname, '..', '..', 'examples', 'standalone');

const RULE = "{ port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },";
const ADDED = "{ port: 9443, protocol: Protocol.TCP, destinationIp: '203.0.113.27', targetPort: 443 },";

/** The commands of docs/operations.md to apply a change, to roll it back, and to remove a router. */
export const operations: Scenario = {
  name: 'the commands of the operations page',
  needsOwnCluster: true,
  async run(environment) {
    environment.installPlugin();
    const egress = environment.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    using reader = new Reader(environment);
    const documented = (heading: string) =>
      blocksOf(PAGE)
        .find((block) => block.heading === heading && block.language === 'sh')!
        .text.replaceAll('--namespace egress', `--namespace ${egress}`);
    const clients = environment.makeNamespace('shop');
    await environment.startClient(clients, 'client', environment.nodes[0]!);
    const held = async () => heldState(environment, await environment.rolledOut(egress, 'partner'));

    cpSync(EXAMPLE, reader.folder, { recursive: true });
    const main = join(reader.folder, 'main.ts');
    writeFileSync(main, readFileSync(main, 'utf8').replace("namespace: 'egress'", `namespace: '${egress}'`));
    reader.run(
      "git init --quiet; git config user.name reader; git config user.email reader@example.com; printf 'bin\\ndist\\n' > .gitignore",
    );
    reader.run('git add . && git commit --quiet --message first');
    const synthesizing = performance.now();
    reader.run(documented('Apply a change'));
    environment.measurements.seconds('from the program', 'synth → router ready', performance.now() - synthesizing);
    const planned = () => {
      const yaml = readFileSync(join(reader.folder, 'dist', 'egress-router.k8s.yaml'), 'utf8');
      return plannedState(yaml, `${egress}/partner`);
    };
    const first = planned();
    expect(await held()).toEqual(first);

    const rules = join(reader.folder, 'router.ts');
    const editing = performance.now();
    writeFileSync(rules, readFileSync(rules, 'utf8').replace(RULE, `${RULE}\n${ADDED}`));
    reader.run(documented('Apply a change'));
    environment.measurements.seconds('from the program', 'a rule more → router ready', performance.now() - editing);
    expect(
      await environment.ask(clients, 'client', `tcp ${environment.clusterIp(egress, 'partner')} 9443`),
    ).toMatchObject({
      peer: '192.168.12.99',
    });
    environment.measurements.seconds(
      'from the program',
      'a rule more → a client is answered by it',
      performance.now() - editing,
    );
    reader.run('git commit --quiet --all --message second');
    expect(planned()).not.toEqual(first);
    expect(await held()).toEqual(planned());

    reader.run(documented('Roll back'));
    expect(await held()).toEqual(first);

    reader.run(documented('Remove a router'));
    expect(environment.podsOf(egress, 'partner')).toEqual([]);
  },
};
