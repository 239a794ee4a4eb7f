import { IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, fromPod, idsOf, workingRouter } from './support/doctor';
import { describeOnKernel } from './support/requires';

const FORWARD = 'type filter hook forward priority 10 ;';

/** Tables by `nft -f`, and whether a packet may fare worse by them. */
const HARMFUL: readonly (readonly [what: string, ruleset: string])[] = [
  ['drops some packets', `table ip mesh { chain forward { ${FORWARD} tcp dport 7 drop; } }`],
  ['drops them by its policy', `table ip mesh { chain forward { ${FORWARD} policy drop; accept; } }`],
  [
    'drops them in a chain that others lead to',
    `table ip mesh { chain no { drop; } chain forward { ${FORWARD} jump no; } }`,
  ],
  ['drops them by a map', `table ip mesh { chain forward { ${FORWARD} tcp dport vmap { 7 : drop }; } }`],
  ['refuses them', `table ip mesh { chain forward { ${FORWARD} tcp dport 7 reject; } }`],
  [
    'redirects them',
    'table ip mesh { chain redirecting { type nat hook prerouting priority -100 ; tcp dport 7 redirect to :8; } }',
  ],
  ['marks them', `table ip mesh { chain forward { ${FORWARD} tcp dport 7 meta mark set 1; } }`],
  [
    'drops frames of an interface',
    'table netdev mesh { chain in { type filter hook ingress device net1 priority 0 ; vlan id 7 drop; } }',
  ],
  ['drops ARP', 'table arp mesh { chain in { type filter hook input priority 0 ; arp operation rreply drop; } }'],
];

const HARMLESS: readonly (readonly [what: string, ruleset: string])[] = [
  [
    'counts, logs and accepts',
    `table ip mesh { chain forward { ${FORWARD} ct state new counter; limit rate 1/minute log; accept; } }`,
  ],
  [
    'counts by a name of its own',
    `table ip mesh { counter total { } chain forward { ${FORWARD} counter name "total"; } }`,
  ],
  ['has no base chain', 'table ip mesh { chain no { drop; } }'],
  ['has no rules', `table ip mesh { chain forward { ${FORWARD} policy accept; } }`],
  ['is dormant', `table ip mesh { flags dormant; chain forward { ${FORWARD} drop; } }`],
];

describeOnKernel('doctor, where the pod has tables of others', ['ip', 'nft', 'setpriv'], () => {
  let scene: Scene;
  let config: PluginConfig;
  beforeAll(async () => {
    ({ scene, config } = await workingRouter(IPV4_ONLY));
  });
  afterAll(() => scene[Symbol.dispose]());

  /** Older `nft` wants line breaks. */
  function load(ruleset: string): void {
    const lines = `${ruleset.replaceAll(/([;{}]) /g, '$1\n')}\n`;
    expect(scene.router.namespace.try(['nft', '-f', '-'], lines).stderr).toBe('');
  }
  afterEach(() => {
    for (const family of ['ip', 'netdev', 'arp']) {
      scene.router.namespace.try(['nft', 'delete', 'table', family, 'mesh']);
    }
  });

  test.each(HARMFUL)('names one that %s', (_what, ruleset) => {
    load(ruleset);
    const [, family, chain] = /table (\w+) mesh .*chain (\w+) \{ type/.exec(ruleset)!;
    const found = fromNode(scene, config);
    expect(idsOf(found)).toEqual(['foreign-table']);
    const [{ problem, details, commands }] = found.findings as [(typeof found.findings)[number]];
    expect(problem).toContain(`Also in this pod: table ${family} mesh, `);
    expect(details).toEqual([expect.stringMatching(new RegExp(`^table ${family} mesh: chain ${chain}, hook `))]);
    expect(commands).toEqual([`nft list table ${family} mesh   # in the pod's network namespace`]);
  });

  test.each(HARMLESS)('says nothing of one that %s', (_what, ruleset) => {
    load(ruleset);
    expect(idsOf(fromNode(scene, config))).toEqual([]);
  });

  test('names one that drops the answers of the gateway before a filter outside, which would do the same', () => {
    load(
      'table netdev mesh { chain in { type filter hook ingress device net1 priority 0 ; arp operation reply drop; } }',
    );
    expect(idsOf(fromNode(scene, config))).toEqual(['foreign-table', 'mac-filtered']);
  });

  test('says in the pod that it could not look', () => {
    load(HARMFUL[0]![1]);
    const { findings, notExamined } = fromPod(scene, config);
    expect(findings).toEqual([]);
    expect(notExamined).toContainEqual({ what: 'tables of others', needs: 'NET_ADMIN' });
  });
});
