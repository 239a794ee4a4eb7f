import { readDocument } from '../support/markdown';
import { ask } from './lab/echo';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { describeOnKernel } from './support/requires';

/** The commands of the table, by the question that they answer. */
function documentedCommands(): [question: string, command: string][] {
  const [, section = ''] = readDocument('docs/data-plane.md').split('## At three in the morning');
  const rows = [...section.matchAll(/^\| ([^|]+) \| `((?:ip|nft|conntrack) [^`]+)` \|$/gm)];
  return rows.map(([, question, command]) => [question!, command!]);
}

describeOnKernel('the commands for three in the morning', ['ip', 'nft', 'conntrack'], () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = new Scene();
    await scene.serve();
    const hosts = [{ name: 'api.bank.example', ports: ['20443 TCP 443'] }];
    const resolver = { servers: ['192.168.12.53'], source: 'pod', clusterCidrs: ['10.96.0.0/12', '10.244.0.0/16'] };
    await scene.router.add(scene.config({ ...DUAL_STACK, hosts, resolver }, { liveRules: true }));
    await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`);
  });
  afterAll(() => scene[Symbol.dispose]());

  test('the table has commands', () => expect(documentedCommands().length).toBeGreaterThanOrEqual(4));

  test.each(documentedCommands())('%s: %s', (_question, command) => {
    const words = command.replace('CLIENT', scene.client.ipv4).replace('MARK', '2').split(' ');
    const { status, stdout } = scene.router.namespace.try(words);
    expect({ status, saysSomething: stdout !== '' }).toEqual({ status: 0, saysSomething: true });
  });
});
