import { compareRouters } from '../../cli/plan/compare-routers';
import { planMarkdown } from '../../cli/plan/plan-markdown';
import { planJson, planText } from '../../cli/plan/plan-text';
import type { RouterChange } from '../../cli/plan/router-change';
import { definition, type Edit, edited, fixture, inventoryOf, OPERATORS, RESOLVING } from './manifests';

const STANDALONE = fixture('standalone');
const OKD = fixture('okd');
const HASH = ['network-config-hash: ', 'network-config-hash: f'] as const;

function changesBetween(before: string, after: string): readonly RouterChange[] {
  return compareRouters(inventoryOf(before), inventoryOf(after)).changes;
}

const LIVE = fixture('live-rules');

/** The file of live rules alone, as a patch of the ConfigMap changes it. */
function inFile(...edits: readonly Edit[]): string {
  const documents = LIVE.split('---\n');
  return documents.map((text) => (text.includes('kind: ConfigMap') ? edited(text, ...edits) : text)).join('---\n');
}

test('documents in another order change nothing', () => {
  const reordered = STANDALONE.split('---\n').reverse().join('---\n');
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(reordered));
  expect(plan).toEqual({ changes: [], unchanged: 1 });
  expect(planText(plan)).toBe('No changes: 1 router.\n');
});

test('rules of hosts are named with the host', () => {
  const config = (hosts: object[]) => definition('router', { ...OPERATORS, ip: { ...OPERATORS.ip, hosts } });
  const bank = { name: 'api.bank.example', ports: ['24854 TCP 443'], addresses: ['203.0.113.26'] };
  const [added] = changesBetween(config([]), config([bank]));
  expect(added!.differences).toEqual(['+ 24854 TCP → 203.0.113.26:443 (api.bank.example)']);
  const [moved] = changesBetween(config([bank]), config([{ ...bank, addresses: ['203.0.113.30'] }]));
  expect(moved!.differences).toEqual([
    '~ 24854 TCP: 203.0.113.26:443 (api.bank.example) → 203.0.113.30:443 (api.bank.example)',
  ]);
});

test('hosts without addresses are rules that DNS leads, and their resolver is a setting', () => {
  const [added] = changesBetween('', definition('router', RESOLVING));
  expect(added!.differences.at(-1)).toBe('+ 3 rules');
  const { hosts, ...ip } = RESOLVING.ip;
  const [changed] = changesBetween(
    definition('router', { ...RESOLVING, ip: { ...ip, resolver: { ...ip.resolver, servers: ['192.168.12.54'] } } }),
    definition('router', RESOLVING),
  );
  expect(changed!.differences).toEqual([
    '~ ip.resolver.servers: 192.168.12.54 → 192.168.12.53',
    '+ 20443 TCP → api.bank.example:443 (DNS)',
    '+ 20444 TCP → licence.vendor.example:27000 (DNS within 198.51.100.0/24)',
  ]);
  const fixed = hosts.map((host) => ({ ...host, addresses: ['203.0.113.30'], allowedCidrs: undefined }));
  const [resolved] = changesBetween(
    definition('router', { ...RESOLVING, ip: { ...RESOLVING.ip, hosts: fixed } }),
    definition('router', RESOLVING),
  );
  expect(resolved!.differences[0]).toBe(
    '~ 20443 TCP: 203.0.113.30:443 (api.bank.example) → api.bank.example:443 (DNS)',
  );
});

/** Two rules that change places. */
const SWAPPED: readonly Edit[] = [
  ['80 UDP 203.0.113.25', 'FIRST'],
  ['8080 TCP 203.0.113.26 80', '80 UDP 203.0.113.25'],
  ['FIRST', '8080 TCP 203.0.113.26 80'],
];

const CASES: [
  what: string,
  before: string,
  edits: readonly Edit[],
  cost: RouterChange['cost'],
  differences: readonly string[],
][] = [
  [
    'a rule that leads elsewhere',
    STANDALONE,
    [HASH, ['8443 TCP 203.0.113.26 443', '8443 TCP 203.0.113.28 444']],
    'pod restart',
    ['~ 8443 TCP (IPv4): 203.0.113.26:443 → 203.0.113.28:444'],
  ],
  [
    'a rule more and one less',
    STANDALONE,
    [HASH, ['80 UDP 203.0.113.25', '81 UDP 203.0.113.25']],
    'pod restart',
    ['+ 81 UDP (IPv4) → 203.0.113.25:81', '- 80 UDP (IPv4) → 203.0.113.25:80'],
  ],
  [
    'a rule of a router with live rules',
    LIVE,
    [['8443 TCP 2001:db8:113::26 443', '8443 TCP 2001:db8:113::27 443', 2]],
    'live change',
    ['~ 8443 TCP (IPv6): [2001:db8:113::26]:443 → [2001:db8:113::27]:443'],
  ],
  [
    'a rule, and the template does not know it (a patched manifest)',
    STANDALONE,
    [['80 UDP 203.0.113.25', '80 UDP 203.0.113.24']],
    'nothing',
    ['~ 80 UDP (IPv4): 203.0.113.25:80 → 203.0.113.24:80'],
  ],
  [
    'the address, and with it the derived MAC',
    STANDALONE,
    [HASH, ['192.168.12.99/24', '192.168.12.98/24', 2], ['e2:65:c0:a8:0c:63', 'e2:65:c0:a8:0c:62', 2]],
    'new MAC',
    ['~ IPv4 address: 192.168.12.99/24 → 192.168.12.98/24', '~ MAC: e2:65:c0:a8:0c:63 → e2:65:c0:a8:0c:62'],
  ],
  [
    'the gateway',
    STANDALONE,
    [HASH, ['"192.168.12.1"', '"192.168.12.2"', 2]],
    'pod restart',
    ['~ IPv4 gateway: 192.168.12.1 → 192.168.12.2'],
  ],
  [
    'the parent interface',
    STANDALONE,
    [HASH, ['"mode": "bridge"', '"mode": "bridge", "master": "ens4"']],
    'pod restart',
    ['+ interfaceArgs.master ens4'],
  ],
  [
    'the image',
    STANDALONE,
    [['egress-router:0.1.0', 'egress-router:0.2.0']],
    'pod restart',
    [
      '~ Deployment spec.template.spec.containers[0].image: registry.example.com/egress-router:0.1.0 → registry.example.com/egress-router:0.2.0',
    ],
  ],
  [
    "an argument of the pod's process alone",
    STANDALONE,
    [['            - --router=egress/partner\n', '            - --router=other\n']],
    'pod restart',
    ['~ Deployment spec.template.spec.containers[0].args[1]: --router=egress/partner → --router=other'],
  ],
  [
    'the number of replicas',
    STANDALONE,
    [['replicas: 1', 'replicas: 0']],
    'pod restart',
    ['~ Deployment spec.replicas: 1 → 0'],
  ],
  [
    'the order of the rules, which the pod is made with',
    STANDALONE,
    [HASH, ...SWAPPED],
    'pod restart',
    ['~ order of the rules'],
  ],
  [
    'the order of live rules, which makes no difference',
    LIVE,
    SWAPPED.map(([from, to]) => [from, to, 2]),
    'nothing',
    ['~ order of the rules'],
  ],
  [
    "a port of the Service that is not a rule's",
    STANDALONE,
    [['      protocol: UDP\n', '      protocol: UDP\n      nodePort: 30080\n']],
    'nothing',
    ['+ Service spec.ports[0].nodePort: 30080'],
  ],
  [
    'the type of the Service',
    STANDALONE,
    [['type: ClusterIP', 'type: NodePort']],
    'nothing',
    ['~ Service spec.type: ClusterIP → NodePort'],
  ],
  [
    "a rule of the operator's",
    OKD,
    [['port: 80\n        protocol: UDP', 'port: 81\n        protocol: UDP']],
    'new MAC',
    ['+ 81 UDP → 203.0.113.25:81', '- 80 UDP → 203.0.113.25:80'],
  ],
  [
    "the operator's address: the old and the new MAC are unknown",
    OKD,
    [['192.168.12.99/24', '192.168.12.98/24']],
    'new MAC',
    ['~ IPv4 address: 192.168.12.99/24 → 192.168.12.98/24'],
  ],
  [
    "the fallback, which the operator's plugin does not read",
    OKD,
    [['fallbackIP: 203.0.113.27', 'fallbackIP: 203.0.113.29']],
    'nothing',
    ['~ every other port: 203.0.113.27 → 203.0.113.29'],
  ],
];

test.each(CASES)('%s', (_what, before, edits, cost, differences) => {
  const [change] = changesBetween(before, edited(before, ...edits));
  expect(change).toMatchObject({ kind: 'changed', cost, differences });
});

test('notes name effects that applying does not cover', () => {
  const [operators] = changesBetween(OKD, edited(OKD, ['destinationIP: 203.0.113.25', 'destinationIP: 203.0.113.24']));
  expect(operators!.notes).toEqual([
    'the operator updates its NetworkAttachmentDefinition but does not restart the pod; run: kubectl -n egress rollout restart deployment/egress-router-cni-deployment',
  ]);
  const [fallback] = changesBetween(OKD, edited(OKD, ['fallbackIP: 203.0.113.27', 'fallbackIP: 203.0.113.29']));
  expect(fallback!.notes).toEqual(['the operator accepts fallbackIP, but its plugin does not read it']);
  const [patched] = changesBetween(STANDALONE, edited(STANDALONE, ['80 UDP 203.0.113.25', '80 UDP 203.0.113.24']));
  expect(patched!.notes).toEqual(["the pod template does not change: the change takes effect at the pod's next start"]);
  const alone = definition('router', OPERATORS);
  const [unknown] = changesBetween(alone, edited(alone, ['203.0.113.27', '203.0.113.29']));
  expect(unknown).toMatchObject({
    cost: 'pod restart',
    notes: ['its pod is not in the manifests and must be restarted'],
  });
});

test('a MAC that the pod does not get is not a new MAC, and the old one is needed until it does', () => {
  const patched = edited(STANDALONE, ['"mac": "e2:65:c0:a8:0c:63"', '"mac": "02:00:5e:10:00:63"']);
  const [change] = changesBetween(STANDALONE, patched);
  expect(change).toMatchObject({
    cost: 'nothing',
    differences: ['~ MAC: e2:65:c0:a8:0c:63 → 02:00:5e:10:00:63'],
    notes: [
      "the pod template does not change: the change takes effect at the pod's next start; until then the LAN sees the old address and MAC",
    ],
  });
});

describe('the file of live rules', () => {
  const RETARGETED = ['8080 TCP 203.0.113.26 80', '8080 TCP 203.0.113.27 80'] as const;

  test('is what counts, whatever the plugin makes the next pod with', () => {
    const swapped = LIVE.split('---\n').map((text) =>
      text.includes('kind: NetworkAttachmentDefinition') ? edited(text, ...SWAPPED) : text,
    );
    for (const before of [LIVE, swapped.join('---\n')]) {
      expect(changesBetween(before, inFile(RETARGETED))).toMatchObject([
        { cost: 'live change', differences: ['~ 8080 TCP (IPv4): 203.0.113.26:80 → 203.0.113.27:80'], notes: [] },
      ]);
    }
  });

  test.each<[what: string, edit: Edit]>([
    ['white space', ['"8080 TCP 203.0.113.26 80",', '"8080 TCP 203.0.113.26 80"  ,']],
    ['a key of another tool', ['"healthPort": 9180', '"x-owner": "payments", "healthPort": 9180']],
  ])('changes nothing by %s', (_what, edit) => {
    expect(changesBetween(LIVE, inFile(edit))).toMatchObject([{ cost: 'nothing' }]);
  });

  test.each<[what: string, edit: Edit, problem: RegExp]>([
    ['is not JSON', ['"8080 TCP 203.0.113.26 80",', '"8080 TCP'], /data\["config\.json"\]: ".+ is not a JSON object$/],
    [
      'has a mistake',
      ['8080 TCP 203.0.113.26 80', '8080 TCP 203.0.113.26 80000'],
      /: ip\.destinations\[1\]: .+; accepted/,
    ],
  ])('that %s changes nothing', (_what, edit, problem) => {
    const [change] = changesBetween(LIVE, inFile(edit));
    expect(change).toMatchObject({ cost: 'nothing', notes: [expect.stringMatching(problem)] });
    expect(change!.notes[0]).toMatch(/^rule change rejected, keeping previous rules: ConfigMap exchange: /);
  });

  test('is missed by the next pod', () => {
    const gone = LIVE.split('---\n').filter((text) => !text.includes('kind: ConfigMap'));
    expect(changesBetween(LIVE, gone.join('---\n'))).toMatchObject([
      {
        cost: 'nothing',
        notes: [
          'ConfigMap exchange is no longer in the manifests, but the pod mounts it: once it is deleted, the next pod does not start',
        ],
      },
    ]);
  });
});

describe('what a Deployment does not do as it is written', () => {
  const SPEC = '  progressDeadlineSeconds: 600\n';
  const NEW_IMAGE = ['egress-router:0.1.0', 'egress-router:0.2.0'] as const;
  test.each<[what: string, edits: readonly Edit[], cost: RouterChange['cost'], note: RegExp]>([
    [
      'another selector',
      [
        ['  selector:\n    matchLabels:\n', '  selector:\n    matchLabels:\n      team: a\n'],
        ['      labels:\n        app', '      labels:\n        team: a\n        app'],
      ],
      'pod restart',
      /^spec\.selector of a Deployment cannot be changed, and applying fails: delete Deployment partner first$/,
    ],
    [
      'a new image while it is paused',
      [NEW_IMAGE, [SPEC, `${SPEC}  paused: true\n`]],
      'nothing',
      /^Deployment partner is paused: /,
    ],
    ['a second pod', [['replicas: 1', 'replicas: 2']], 'nothing', /^several pods claim the address: /],
    [
      'another strategy',
      [['type: Recreate', 'type: RollingUpdate']],
      'nothing',
      /^without the strategy Recreate, the new pod starts /,
    ],
    [
      'a capability',
      [['            capabilities:\n', '            capabilities:\n              add: [NET_ADMIN]\n']],
      'pod restart',
      /^the new pod needs root and a capability: .*"privileged" rejects it/,
    ],
  ])('%s', (_what, edits, cost, note) => {
    const after = edited(STANDALONE, ...edits);
    expect(changesBetween(STANDALONE, after)).toMatchObject([{ cost, notes: [expect.stringMatching(note)] }]);
    // An unchanged state is not reported.
    const [other] = changesBetween(after, edited(after, ['memory: 128Mi', 'memory: 256Mi']));
    expect(other!.notes.filter((text) => note.test(text) && !/paused/.test(text))).toEqual([]);
  });
});

test('a new MAC is a step in the cloud: the new pair before, the old one afterwards', () => {
  const after = edited(STANDALONE, ['192.168.12.99/24', '192.168.12.98/24', 2], ['0c:63', '0c:62', 2], HASH);
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(after));
  expect(planText(plan)).toContain(
    [
      '  before applying',
      '    openstack port set --allowed-address ip-address=192.168.12.98,mac-address=e2:65:c0:a8:0c:62 PORT',
      '    openstack port set --allowed-address ip-address=2001:db8:12::99,mac-address=e2:65:c0:a8:0c:62 PORT',
      '  after the old pods are gone',
      '    openstack port unset --allowed-address ip-address=192.168.12.99,mac-address=e2:65:c0:a8:0c:63 PORT',
      '    openstack port unset --allowed-address ip-address=2001:db8:12::99,mac-address=e2:65:c0:a8:0c:63 PORT',
    ].join('\n'),
  );
  expect(planMarkdown(plan)).toContain('# after the old pods are gone\nopenstack port unset');
});

test('an address that moves under a given MAC needs the step too, and is not a new MAC', () => {
  const after = edited(STANDALONE, ['192.168.12.99/24', '192.168.12.98/24', 2], HASH);
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(after));
  expect(plan.changes[0]!.cost).toBe('pod restart');
  expect(planText(plan)).toContain(
    'port set --allowed-address ip-address=192.168.12.98,mac-address=e2:65:c0:a8:0c:63 PORT',
  );
  expect(planText(plan)).not.toContain('2001:db8:12::99,mac');
});

test('another parent interface is another port, which needs the pair too', () => {
  const ens4 = edited(STANDALONE, HASH, ['"mode": "bridge"', '"mode": "bridge", "master": "ens4"']);
  const tagged = edited(ens4, HASH, ['ens4', 'ens4.12']);
  const plan = compareRouters(inventoryOf(ens4), inventoryOf(tagged));
  const pairs = ['192.168.12.99', '2001:db8:12::99'].map(
    (address) => `--allowed-address ip-address=${address},mac-address=e2:65:c0:a8:0c:63 PORT`,
  );
  expect(plan.changes[0]!.cost).toBe('pod restart');
  expect(planJson(plan).openStack).toEqual({
    before: pairs.map((pair) => `openstack port set ${pair}   # that of ens4.12`),
    after: pairs.map((pair) => `openstack port unset ${pair}   # that of ens4`),
  });
});

test('routers that come and go', () => {
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(OKD));
  expect(plan.changes.map(({ router, kind }) => `${kind} ${router}`)).toEqual([
    'added egress/egress-1',
    'removed egress/partner',
  ]);
  expect(planText(plan)).toMatch(/\n2 of 2 routers change: 1 new, 1 removed\.\n$/);
});

test('a router that is renamed holds its address until it is gone, and keeps its pair', () => {
  const renamed = STANDALONE.replaceAll('partner', 'friend');
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(renamed));
  expect(plan.changes.map(({ router, kind }) => `${kind} ${router}`)).toEqual([
    'added egress/friend',
    'removed egress/partner',
  ]);
  expect(plan.changes[0]!.notes).toEqual(
    ['192.168.12.99', '2001:db8:12::99'].map(
      (address) =>
        `${address} is held by egress/partner until now: remove it there in an earlier commit, or the new pod waits for the address`,
    ),
  );
  expect(planJson(plan).openStack).toEqual({ before: [], after: [] });
  expect(planText(plan)).not.toContain('openstack');
});

test('an address of another router on another network is free', () => {
  const elsewhere = edited(STANDALONE.replaceAll('partner', 'friend'), [
    '"mode": "bridge"',
    '"mode": "bridge", "master": "ens4"',
  ]);
  const [friend] = compareRouters(inventoryOf(STANDALONE), inventoryOf(elsewhere)).changes;
  expect(friend).toMatchObject({ router: 'egress/friend', notes: [] });
});

test('a Deployment with another name stands beside the old one', () => {
  const after = STANDALONE.replace(/(kind: Deployment\n[\s\S]*?\n {2}name: partner)\n/, '$1-2\n');
  const [change] = changesBetween(STANDALONE, after);
  expect(change).toMatchObject({
    cost: 'pod restart',
    notes: ['Deployment partner holds the address until it is deleted: delete it before the new pod starts'],
  });
});

test('an address that goes takes no MAC with it', () => {
  const single = edited(
    STANDALONE,
    HASH,
    [',\n          "2001:db8:12::99/64"', ''],
    [',\n          "8443 TCP 2001:db8:113::26 443"', ''],
    ['"gateways": [\n          "192.168.12.1",\n          "fe80::1"\n        ]', '"gateway": "192.168.12.1"'],
  );
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(single));
  expect(plan.changes[0]).toMatchObject({ cost: 'pod restart' });
  expect(planJson(plan).openStack).toEqual({
    before: [],
    after: ['openstack port unset --allowed-address ip-address=2001:db8:12::99,mac-address=e2:65:c0:a8:0c:63 PORT'],
  });
});

test('a Service that selects other pods is no longer the router’s, and is not gone', () => {
  const other = edited(STANDALONE, ['  selector:\n    app', '  selector:\n    team: bank\n    app']);
  expect(changesBetween(STANDALONE, other)).toMatchObject([{ differences: ['- Service partner selects its pod'] }]);
  expect(changesBetween(other, STANDALONE)).toMatchObject([{ differences: ['+ Service partner selects its pod'] }]);
});

test('a Deployment that is gone, or asks for another network, leaves its pod', () => {
  const without = STANDALONE.split('---\n')
    .filter((text) => !text.includes('kind: Deployment'))
    .join('---\n');
  const elsewhere = edited(STANDALONE, ['[{"name":"partner"', '[{"name":"other"']);
  for (const after of [without, elsewhere]) {
    const [change] = changesBetween(STANDALONE, after);
    expect(change!.notes).toEqual(['its pod is no longer in the manifests: it runs until its Deployment is deleted']);
    const [back] = changesBetween(after, STANDALONE);
    expect(back!.notes[0]).toMatch(/^its pod was not in the old manifests/);
  }
});

test('long values are shown where they differ, and in one line', () => {
  const common = 'x'.repeat(200);
  const withNote = (note: string) =>
    edited(STANDALONE, [
      'name: partner\n  namespace: egress\nspec:\n  progress',
      `name: partner\n  annotations: { note: ${JSON.stringify(note)} }\n  namespace: egress\nspec:\n  progress`,
    ]);
  const [change] = changesBetween(withNote(`${common}old\n\u001b[2J`), withNote(`${common}new${common}`));
  expect(change!.differences).toEqual([
    expect.stringMatching(/^~ Deployment metadata\.annotations\.note: ….*x+old\\n\\u001b\[2J.* → …x+new.{30,}…$/),
  ]);
});

test('metadata that a cluster adds is not a difference', () => {
  const dumped = edited(STANDALONE, [
    'name: partner\n  namespace: egress\nspec:\n  progress',
    'name: partner\n  uid: 1-2\n  resourceVersion: "7"\n  generation: 3\n  managedFields: [{ manager: a }]\n  creationTimestamp: 2026-01-02T03:04:05Z\n' +
      '  annotations:\n    deployment.kubernetes.io/revision: "2"\n    kubectl.kubernetes.io/last-applied-configuration: "{}"\n' +
      '  namespace: egress\nstatus:\n  replicas: 1\nspec:\n  progress',
  ]);
  expect(changesBetween(STANDALONE, dumped)).toEqual([]);
});

test('scaling to zero leaves no pod', () => {
  const [change] = changesBetween(STANDALONE, edited(STANDALONE, ['replicas: 1', 'replicas: 0']));
  expect(change!.notes).toEqual(['no pod remains: its connections end']);
});

test('Markdown keeps its table whatever a value holds', () => {
  const before = edited(STANDALONE, [
    'name: partner\n  namespace: egress\nspec:\n  progress',
    'name: partner\n  annotations: { note: "a" }\n  namespace: egress\nspec:\n  progress',
  ]);
  const after = edited(before, ['note: "a"', 'note: "`|\\n|`"']);
  const rows = planMarkdown(compareRouters(inventoryOf(before), inventoryOf(after))).split('\n');
  expect(rows.filter((row) => row.startsWith('| `egress'))).toHaveLength(1);
  const cells = rows
    .find((row) => row.startsWith('| `egress'))!
    .replaceAll('\\|', '')
    .split('|');
  expect(cells).toHaveLength(5);
});
