import { IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, fromPod, idsOf, lookFrom, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const TOOLS = ['ip', 'nft', 'setpriv'];

describeOnKernel('doctor, where the parent interface is the one of the default route', TOOLS, () => {
  let scene: Scene;
  let config: PluginConfig;
  beforeAll(async () => {
    ({ scene, config } = await workingRouter(IPV4_ONLY, { interfaceArgs: { mode: 'bridge' } }));
    scene.node.addSpareInterface('lan1');
  });
  afterAll(() => scene[Symbol.dispose]());
  afterEach(async () => {
    scene.node.namespace.batch('link set lan0 up', 'route replace default via 192.168.12.1 dev lan0');
    await eventually(() => expect(idsOf(fromNode(scene, config))).toEqual([]));
  });

  test('finds it down', () => {
    scene.node.namespace.batch('link set lan0 down');
    expect(fromNode(scene, config).findings).toMatchObject([
      { id: 'parent-down', problem: 'The parent interface lan0 is down.', commands: ['ip link set lan0 up'] },
    ]);
  });

  test.each(['a;reboot', '$(id)', '`id`', 'a|b&c'])(
    'finds it down with the name %s, which a shell would run',
    (name) => {
      const { namespace } = scene.node;
      namespace.batch('link set lan0 down', `link set lan0 name ${name}`);
      try {
        const [finding, ...others] = fromNode(scene, config).findings;
        expect(others).toEqual([]);
        expect(finding).toMatchObject({ id: 'parent-down', problem: `The parent interface ${name} is down.` });
        namespace.run('sh', '-c', finding!.commands[0]!);
        expect(idsOf(fromNode(scene, config))).not.toContain('parent-down');
      } finally {
        namespace.batch(`link set ${name} down`, `link set ${name} name lan0`);
      }
    },
  );

  test('prints in the pod what can be typed on the node', () => {
    scene.node.namespace.batch('link set lan0 down');
    const { findings } = fromPod(scene, config);
    expect(findings).toMatchObject([{ id: 'no-carrier', problem: 'net1 has no carrier.' }]);
    const [, command] = findings[0]!.commands;
    expect(scene.node.namespace.run('sh', '-c', command!)).toContain(': lan0@');
  });

  test('finds nothing after the default route went, or moved to another interface', () => {
    scene.node.namespace.batch('route del default via 192.168.12.1');
    expect(idsOf(fromNode(scene, config))).toEqual([]);
    scene.node.namespace.batch('route add default dev lan1');
    expect(idsOf(fromNode(scene, config))).toEqual([]);
  });
});

describeOnKernel('doctor, where the parent interface is named', TOOLS, () => {
  test('and was renamed: what to type brings the name back', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    scene.node.namespace.batch('link set lan0 down', 'link set lan0 name lan9', 'link set lan9 up');
    scene.node.namespace.batch('route add default via 192.168.12.1 dev lan9');
    const [finding] = fromNode(scene, config).findings;
    expect(finding!.problem).toBe("The node has no parent interface lan0: the router's interface is on lan9.");
    scene.node.namespace.batch('link set lan9 down');
    scene.node.namespace.run('sh', '-c', finding!.commands[0]!);
    scene.node.namespace.batch('link set lan0 up');
    await eventually(() => expect(idsOf(fromNode(scene, config))).toEqual([]));
  });

  test('and neither it nor the router’s interface is there, nor a name', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY, { interfaceArgs: { mode: 'bridge' } });
    using _ = scene;
    scene.node.namespace.batch('link del lan0');
    // The node's address went with it, and so did the node's own route to the pod.
    expect(fromNode(scene, config).findings).toMatchObject([
      { id: 'parent-missing', commands: ['ip route show default', expect.anything()] },
      { id: 'client-route' },
    ]);
  });
});

describeOnKernel('doctor, in a namespace that is neither the pod’s nor the node’s', TOOLS, () => {
  test('says so, and looks at the pod alone', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    for (const namespace of [scene.client.namespace, scene.lab.lan, scene.server]) {
      const { findings, notExamined } = lookFrom(namespace, scene, config);
      expect(findings).toEqual([]);
      expect(notExamined).toContainEqual({
        what: 'the parent interface',
        needs: "the network namespace of the router's node, which this is not",
      });
    }
    scene.router.namespace.batch('link del net1');
    expect(idsOf(lookFrom(scene.lab.lan, scene, config))).toEqual(['link']);
    expect(fromNode(scene, config).notExamined).toEqual([]);
  });
});
