import { ask } from './lab/echo';
import { DUAL_STACK } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, fromPod, idsOf, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

/** Commands of `ip` on the node and in the pod, which kill clients, and those that take them back. */
interface Fault {
  readonly what: string;
  readonly node?: readonly string[];
  readonly pod?: readonly string[];
  readonly mended: { readonly node?: readonly string[]; readonly pod?: readonly string[] };
  readonly ids: readonly string[];
  /** In the pod, where they are others. */
  readonly fromPod?: readonly string[];
  readonly says: string;
  readonly command: RegExp;
}

const rule = (words: string) => ({ pod: [`rule add ${words}`], mended: { pod: [`rule del ${words}`] } });
const FOREIGN = { ids: ['policy-rule'], says: 'Also in this pod: policy rules of other programs' };

const FAULTS: readonly Fault[] = [
  {
    what: 'the node’s end of eth0 is down',
    node: ['link set pod0 down'],
    mended: {
      node: [
        'link set pod0 up',
        'route replace 10.244.0.5/32 dev pod0 src 192.168.12.11',
        'route replace fd00:10:244::5/128 dev pod0',
        'addr replace fe80::ecee:eeff:feee:eeee/64 dev pod0 nodad',
      ],
    },
    ids: ['client-route'],
    says: 'There is no return route to the clients by eth0.',
    command: /^ip link set pod0 up {3}# on the node$|^kubectl/,
  },
  {
    what: 'the node has lost its route to the pod',
    node: ['route del 10.244.0.5/32 dev pod0'],
    mended: { node: ['route add 10.244.0.5/32 dev pod0 src 192.168.12.11'] },
    ids: ['client-route'],
    fromPod: [],
    says: "The node has no route to the pod's address 10.244.0.5.",
    command: /^ip route get 10\.244\.0\.5 {3}# on the node: by pod0$/,
  },
  {
    what: 'a rule of others sends clients to the main table',
    ...rule('priority 500 iif eth0 lookup main'),
    ...FOREIGN,
    command: /^ip -4 rule delete priority 500 {3}# in the pod's network namespace$/,
  },
  {
    what: 'a rule of others drops them',
    ...rule('priority 500 blackhole'),
    ...FOREIGN,
    command: /^ip -4 rule delete priority 500 /,
  },
  {
    what: 'a rule of others skips those of the router',
    ...rule('priority 500 iif eth0 goto 32766'),
    ...FOREIGN,
    command: /^ip -4 rule delete priority 500 /,
  },
  {
    what: 'a rule of others refuses answers',
    ...rule('priority 2000 iif net1 prohibit'),
    ...FOREIGN,
    command: /^ip -4 rule delete priority 2000 /,
  },
];

/** Of packets of the pod itself: the router's own probes are bound to net1. */
const OWN_TO_MAIN = 'priority 500 iif lo lookup main';

/** Rules that meet no packet of the router. */
const HARMLESS = [
  'priority 500 from 10.244.0.5 lookup main',
  'priority 100 lookup local',
  'priority 2000 from 10.244.9.9 lookup 200',
  'priority 500 goto 1000',
  'priority 500 nop',
  OWN_TO_MAIN,
];

describeOnKernel('doctor, where clients are cut off', ['ip', 'nft', 'setpriv'], () => {
  let scene: Scene;
  let config: PluginConfig;
  beforeAll(async () => {
    ({ scene, config } = await workingRouter(DUAL_STACK));
  });
  afterAll(() => scene[Symbol.dispose]());

  const change = ({ node = [], pod = [] }: Pick<Fault, 'node' | 'pod'>) => {
    scene.node.namespace.batch(...node);
    scene.router.namespace.batch(...pod);
  };
  const answer = async () => (await ask(scene.client.namespace, 'tcp 10.244.0.5 8080', { milliseconds: 1000 })).peer;

  test.each(FAULTS)('$what', async (fault) => {
    expect(await answer()).toBeDefined();
    change(fault);
    expect(await answer()).toBeUndefined();
    const found = fromNode(scene, config);
    expect({ ids: idsOf(found), found }).toMatchObject({ ids: fault.ids });
    expect(found.findings[0]!.problem).toContain(fault.says);
    expect(found.findings[0]!.commands[0]).toMatch(fault.command);
    expect(idsOf(fromPod(scene, config))).toEqual(fault.fromPod ?? fault.ids);
    change(fault.mended);
    await eventually(() => expect(fromNode(scene, config).findings).toEqual([]));
  });

  test('beside it: rules of others that meet no packet of the router', async () => {
    const ipv6 = (verb: string) => scene.router.namespace.run('ip', '-6', 'rule', verb, ...OWN_TO_MAIN.split(' '));
    scene.router.namespace.batch(...HARMLESS.map((words) => `rule add ${words}`));
    ipv6('add');
    expect(await answer()).toBeDefined();
    expect(fromNode(scene, config).findings).toEqual([]);
    expect(fromPod(scene, config).findings).toEqual([]);
    scene.router.namespace.batch(...HARMLESS.map((words) => `rule del ${words}`));
    ipv6('del');
  });

  test('beside it: a rule of others drops packets of the pod itself, and so the router’s probes', async () => {
    scene.router.namespace.batch('rule add priority 500 iif lo prohibit');
    expect(await answer()).toBeDefined();
    for (const found of [fromNode(scene, config), fromPod(scene, config)]) {
      expect(idsOf(found)).toEqual(FOREIGN.ids);
      expect(found.findings[0]!.details).toEqual(['ip -4 rule: priority 500 from all iif lo prohibit']);
    }
    scene.router.namespace.batch('rule del priority 500 iif lo prohibit');
  });

  test('beside it: the node’s end of eth0 belongs to a bridge, which it routes to', async () => {
    scene.node.namespace.batch(
      'link add cni0 type bridge',
      'link set cni0 up',
      'link set pod0 master cni0',
      'route del 10.244.0.5/32 dev pod0',
      'route add 10.244.0.0/24 dev cni0 src 192.168.12.11',
    );
    expect(fromNode(scene, config).findings).toEqual([]);
  });
});
