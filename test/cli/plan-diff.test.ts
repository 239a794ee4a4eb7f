import { compareRouters } from '../../cli/plan/compare-routers';
import { planJson } from '../../cli/plan/plan-json';
import { planMarkdown } from '../../cli/plan/plan-markdown';
import { planText } from '../../cli/plan/plan-text';
import type { RouterChange } from '../../cli/plan/router-change';
import { definition, type Edit, edited, fixture, inventoryOf, OPERATORS } from './manifests';

const STANDALONE = fixture('standalone');
const OKD = fixture('okd');
const HASH = ['network-config-hash: ', 'network-config-hash: f'] as const;

function changesBetween(before: string, after: string): readonly RouterChange[] {
  return compareRouters(inventoryOf(before), inventoryOf(after)).changes;
}

/** What the library writes when rules are live: a ConfigMap beside the pod, and a template that does not know them. */
const LIVE = edited(STANDALONE, [
  '      containers:\n',
  '      volumes:\n        - name: config\n          configMap:\n            name: partner\n      containers:\n',
]).concat(
  '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: partner\n  namespace: egress\ndata:\n  config.json: "rules 1"\n',
);

test('nothing changed, in any order of the documents', () => {
  const reordered = STANDALONE.split('---\n').reverse().join('---\n');
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(reordered));
  expect(plan).toEqual({ changes: [], unchanged: 1 });
  expect(planText(plan)).toBe('No changes: 1 router.\n');
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
    [
      ['8443 TCP 2001:db8:113::26 443', '8443 TCP 2001:db8:113::27 443'],
      ['rules 1', 'rules 2'],
    ],
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
    [...SWAPPED, ['rules 1', 'rules 2']],
    'nothing',
    ['~ order of the rules'],
  ],
  [
    'the ConfigMap of live rules alone (patched)',
    LIVE,
    [['rules 1', 'rules 2']],
    'live change',
    ['~ ConfigMap data."config.json": rules 1 → rules 2'],
  ],
  [
    "a port of the Service that is no rule's",
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
    'the fallback',
    OKD,
    [['fallbackIP: 203.0.113.27', 'fallbackIP: 203.0.113.29']],
    'new MAC',
    ['~ every other port: 203.0.113.27 → 203.0.113.29'],
  ],
];

test.each(CASES)('%s', (_what, before, edits, cost, differences) => {
  const [change] = changesBetween(before, edited(before, ...edits));
  expect(change).toMatchObject({ kind: 'changed', cost, differences });
});

test('what the manifests do not bring about is said', () => {
  const [operators] = changesBetween(OKD, edited(OKD, ['fallbackIP: 203.0.113.27', 'fallbackIP: 203.0.113.29']));
  expect(operators!.notes).toEqual([
    'the operator changes its NetworkAttachmentDefinition and leaves the pod as it is: kubectl -n egress rollout restart deployment/egress-router-cni-deployment',
  ]);
  const [patched] = changesBetween(STANDALONE, edited(STANDALONE, ['80 UDP 203.0.113.25', '80 UDP 203.0.113.24']));
  expect(patched!.notes).toEqual(["the pod template stays as it is: the change counts at the pod's next start"]);
  const alone = definition('router', OPERATORS);
  const [unknown] = changesBetween(alone, edited(alone, ['203.0.113.27', '203.0.113.29']));
  expect(unknown).toMatchObject({
    cost: 'pod restart',
    notes: ['its pod is not among the manifests, and has to be restarted'],
  });
});

test('a new MAC is a step in the cloud: the new pair before, the old one afterwards', () => {
  const after = edited(STANDALONE, ['192.168.12.99/24', '192.168.12.98/24', 2], ['0c:63', '0c:62', 2], HASH);
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(after));
  expect(planText(plan)).toContain(
    [
      '  before it is applied',
      '    openstack port set --allowed-address ip-address=192.168.12.98,mac-address=e2:65:c0:a8:0c:62 PORT',
      '    openstack port set --allowed-address ip-address=2001:db8:12::99,mac-address=e2:65:c0:a8:0c:62 PORT',
      '  after the old pods are gone',
      '    openstack port unset --allowed-address ip-address=192.168.12.99,mac-address=e2:65:c0:a8:0c:63 PORT',
      '    openstack port unset --allowed-address ip-address=2001:db8:12::99,mac-address=e2:65:c0:a8:0c:63 PORT',
    ].join('\n'),
  );
  expect(planMarkdown(plan)).toContain('# after the old pods are gone\nopenstack port unset');
});

test('an address that moves under a given MAC needs the step too, and is no new MAC', () => {
  const after = edited(STANDALONE, ['192.168.12.99/24', '192.168.12.98/24', 2], HASH);
  const plan = compareRouters(inventoryOf(STANDALONE), inventoryOf(after));
  expect(plan.changes[0]!.cost).toBe('pod restart');
  expect(planText(plan)).toContain(
    'port set --allowed-address ip-address=192.168.12.98,mac-address=e2:65:c0:a8:0c:63 PORT',
  );
  expect(planText(plan)).not.toContain('2001:db8:12::99,mac');
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
        `${address} is held by egress/partner so far: let that go in a commit of its own, or the new pod waits for the address`,
    ),
  );
  expect(planJson(plan).openStack).toEqual({ before: [], after: [] });
  expect(planText(plan)).not.toContain('openstack');
});

test('an address that another router had, on another network, is nobody’s', () => {
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
    notes: ['Deployment partner has the address until it is deleted: delete it before the new pod starts'],
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

test('no pod is left', () => {
  const [change] = changesBetween(STANDALONE, edited(STANDALONE, ['replicas: 1', 'replicas: 0']));
  expect(change!.notes).toEqual(['no pod is left: its connections end']);
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
