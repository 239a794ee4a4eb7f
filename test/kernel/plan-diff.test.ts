import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanJson } from '../../cli/plan/plan-text';
import type { RouterChange } from '../../cli/plan/router-change';
import { type Edit, type ExampleVersion, synthesizeVersions } from '../support/example';
import { Conversation, startLinesServer } from './lab/conversation';
import { Lab } from './lab/lab';
import { PODS } from './lab/layout';
import { isLinkLocal } from './lab/link-local';
import type { Pod } from './lab/pod';
import { AppliedManifests } from './support/applied-manifests';
import { eventually } from './support/eventually';
import { OPERATOR_DEPLOYMENT, renderedByOperator } from './support/operator';
import { routerState, scriptedState } from './support/planned-state';
import { describeOnKernel, PLUGIN } from './support/requires';

/** What `cdk8s synth` writes of an example before a change and after it. */
interface Change {
  readonly old: ExampleVersion;
  readonly now: ExampleVersion;
  /** What has to be announced. Whether that is true is what the test is about. */
  readonly announced: readonly { readonly kind: RouterChange['kind']; readonly cost: RouterChange['cost'] }[];
}

const version = (example: 'standalone' | 'live-rules' | 'okd', ...edits: readonly Edit[]): ExampleVersion => ({
  example,
  edits,
});
const inMain = (from: string, to: string): Edit => ({ file: 'main.ts', from, to });
/** The standalone example has its router in a file of its own. */
const inRouter = (from: string, to: string): Edit => ({ file: 'router.ts', from, to });

const STANDALONE = version('standalone');
const LIVE = version('live-rules');
const FORMER_SERVER = "port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26'";
const OTHER_SERVER = [FORMER_SERVER, FORMER_SERVER.replace('.26', '.27')] as const;
const UDP_RULE = "    { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },\n";
const TCP_RULE = "    { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },\n";
const OTHER_ORDER = [UDP_RULE + TCP_RULE, TCP_RULE + UDP_RULE] as const;
const withProps = (text: string) => inMain('...PARTNER, cluster', `...PARTNER, cluster, ${text}`);
/** An option of standalone mode, beside those of the cluster. */
const withOption = (text: string) => [
  withProps(`mode: RouterMode.standalone({ ${text} })`),
  inMain('EgressRouterCluster, Platform', 'EgressRouterCluster, Link, Platform'),
];
const withMac = withOption("link: Link.macvlan({ macAddress: '02:00:5e:10:00:63' })");
const SECOND = inMain(
  "new EgressRouter(chart, 'partner', { ...PARTNER, cluster });",
  `new EgressRouter(chart, 'partner', { ...PARTNER, cluster });
new EgressRouter(chart, 'second', {
  ...PARTNER,
  cluster,
  addresses: [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }],
  redirectRules: PARTNER.redirectRules.slice(0, 3),
});`,
);

const changed = (cost: RouterChange['cost']) => [{ kind: 'changed', cost }] as const;

const CHANGES: Record<string, Change> = {
  'a comment in the code': {
    old: STANDALONE,
    now: version('standalone', inRouter(UDP_RULE, `    // Licences.\n${UDP_RULE}`)),
    announced: [],
  },
  'a label of the objects': {
    old: STANDALONE,
    now: version('standalone', withProps("metadata: { labels: { team: 'payments' } }")),
    announced: changed('nothing'),
  },
  'a rule that leads elsewhere': {
    old: STANDALONE,
    now: version('standalone', inRouter(...OTHER_SERVER)),
    announced: changed('pod restart'),
  },
  'the order of the rules': {
    old: STANDALONE,
    now: version('standalone', inRouter(...OTHER_ORDER)),
    announced: changed('pod restart'),
  },
  'the MTU': {
    old: STANDALONE,
    now: version('standalone', ...withOption('link: Link.macvlan({ mtu: 1400 })')),
    announced: changed('pod restart'),
  },
  'the image': {
    old: STANDALONE,
    now: version('standalone', ...withOption("image: 'registry.example.com/egress-router:0.2.0'")),
    announced: changed('pod restart'),
  },
  'one family less': {
    old: STANDALONE,
    now: version(
      'standalone',
      inRouter("    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },\n", ''),
      inRouter("    { port: 8443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26', targetPort: 443 },\n", ''),
    ),
    announced: changed('pod restart'),
  },
  'the address, and with it the derived MAC': {
    old: STANDALONE,
    now: version('standalone', inRouter('192.168.12.99/24', '192.168.12.98/24')),
    announced: changed('new MAC'),
  },
  'a MAC that is given': {
    old: STANDALONE,
    now: version('standalone', ...withMac),
    announced: changed('new MAC'),
  },
  'the address under a MAC that is given': {
    old: version('standalone', ...withMac),
    now: version('standalone', ...withMac, inRouter('192.168.12.99/24', '192.168.12.98/24')),
    announced: changed('pod restart'),
  },
  'a live rule that leads elsewhere': {
    old: LIVE,
    now: version('live-rules', inMain(...OTHER_SERVER)),
    announced: changed('live change'),
  },
  'live rules that come and go': {
    old: LIVE,
    now: version('live-rules', inMain(UDP_RULE, UDP_RULE.replace('port: 80', 'port: 81'))),
    announced: changed('live change'),
  },
  'a live fallback': {
    old: LIVE,
    now: version(
      'live-rules',
      inMain(
        '  mode: RouterMode.standalone({ live',
        "  fallbackIp: '203.0.113.27',\n  mode: RouterMode.standalone({ live",
      ),
    ),
    announced: changed('live change'),
  },
  'the order of live rules': {
    old: LIVE,
    now: version('live-rules', inMain(...OTHER_ORDER)),
    announced: changed('nothing'),
  },
  'what a router with live rules does beside them': {
    old: LIVE,
    now: version('live-rules', inMain(', watchConflicts: true', '')),
    announced: changed('pod restart'),
  },
  'live rules and the address': {
    old: LIVE,
    now: version('live-rules', inMain(...OTHER_SERVER), inMain('192.168.12.99/24', '192.168.12.98/24')),
    announced: changed('new MAC'),
  },
  'no live rules any more': {
    old: LIVE,
    now: version('live-rules', inMain('liveRules: true, ', '')),
    announced: changed('pod restart'),
  },
  'another router': {
    old: STANDALONE,
    now: version('standalone', SECOND),
    announced: [{ kind: 'added', cost: 'nothing' }],
  },
  'a router less': {
    old: version('standalone', SECOND),
    now: STANDALONE,
    announced: [{ kind: 'removed', cost: 'nothing' }],
  },
  'another name': {
    old: STANDALONE,
    now: version('standalone', inMain("new EgressRouter(chart, 'partner'", "new EgressRouter(chart, 'friend'")),
    announced: [
      { kind: 'added', cost: 'nothing' },
      { kind: 'removed', cost: 'nothing' },
    ],
  },
};

const OPERATORS_RULE: Change = {
  old: version('okd'),
  now: version('okd', inMain("destinationIp: '203.0.113.25'", "destinationIp: '203.0.113.24'")),
  announced: changed('new MAC'),
};

/** A router that runs, as the kernel and the LAN have it. */
interface Seen {
  /**
   * Name of the pod's network namespace: another pod has another one, while the kernel gives its numbers away again.
   */
  readonly namespace: string;
  /** Such as `ip-address=192.168.12.99,mac-address=e2:65:c0:a8:0c:63`: what a cloud has to let through. */
  readonly pairs: readonly string[];
  readonly mac: string;
}

function seen({ namespace }: Pod): Seen {
  const [link] = namespace.ip<{ address: string }>('link', 'show', 'dev', 'net1');
  const [{ addr_info }] = namespace.ip<{ addr_info: { local: string }[] }>('address', 'show', 'dev', 'net1') as [
    { addr_info: { local: string }[] },
  ];
  const addresses = addr_info.map(({ local }) => local).filter((address) => !isLinkLocal(address));
  return {
    namespace: namespace.name,
    mac: link!.address,
    pairs: addresses.map((address) => `ip-address=${address},mac-address=${link!.address}`),
  };
}

describeOnKernel('what plan --diff announces', ['ip', 'nft', 'setpriv', 'sysctl'], () => {
  /** YAML by the version. */
  let synthesized: Map<ExampleVersion, string>;
  let folder: string;
  let lab: Lab;
  let applied: AppliedManifests;

  beforeAll(() => {
    const changes = [...Object.values(CHANGES), OPERATORS_RULE];
    const versions = [...new Set(changes.flatMap(({ old, now }) => [old, now]))];
    const texts = synthesizeVersions(versions);
    synthesized = new Map(versions.map((version, index) => [version, texts[index]!]));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plan-diff-'));
    lab = new Lab();
    applied = new AppliedManifests(lab);
  });
  afterEach(() => {
    applied[Symbol.dispose]();
    lab[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  /** @returns the YAML of a version, and the file that holds it */
  function written(version: ExampleVersion): { readonly yaml: string; readonly file: string } {
    const yaml = synthesized.get(version)!;
    const file = join(mkdtempSync(join(folder, 'version-')), 'manifests.yaml');
    writeFileSync(file, yaml);
    return { yaml, file };
  }

  function plan(...args: string[]): { readonly status: number | null; readonly stdout: string } {
    return spawnSync(PLUGIN, ['plan', ...args], { encoding: 'utf8' });
  }

  /** Every router of the manifests that runs, by its Deployment's name. */
  function observe(): Map<string, Seen> {
    return new Map(
      ['partner', 'second', 'friend', 'exchange'].flatMap((name) => {
        const pod = applied.pod(name)?.pod;
        return pod === undefined ? [] : [[name, seen(pod)] as const];
      }),
    );
  }

  /** Differences of what the LAN has to let through, as the announcement's commands name them. */
  function pairsOf(before: Map<string, Seen>, after: Map<string, Seen>) {
    const all = (routers: Map<string, Seen>) => [...routers.values()].flatMap(({ pairs }) => pairs);
    const [old, now] = [all(before), all(after)];
    return {
      before: now
        .filter((pair) => !old.includes(pair))
        .map((pair) => `openstack port set --allowed-address ${pair} PORT`),
      after: old
        .filter((pair) => !now.includes(pair))
        .map((pair) => `openstack port unset --allowed-address ${pair} PORT`),
    };
  }

  test.each(Object.entries(CHANGES))('is what happens: %s', async (_what, change) => {
    const [old, now] = [written(change.old), written(change.now)];
    const { status, stdout } = plan('--diff', '--json', old.file, now.file);
    const announced = JSON.parse(stdout) as PlanJson;
    expect({ status, changes: announced.changes }).toMatchObject({
      status: change.announced.length === 0 ? 0 : 2,
      changes: change.announced,
    });

    await startLinesServer(lab.server.namespace, 'tcp 203.0.113.26 443');
    const client = lab.node.addPod('client', PODS.client);
    await applied.apply(old.yaml);
    const before = observe();
    const [first] = before.keys();
    const held = await Conversation.open(client.namespace, `tcp ${applied.pod(first!)!.pod.ipv4} 8443`);
    const answer = await held.ask();
    expect(answer).toMatch(/^203\.0\.113\.26 443 192\.168\.12\.9[89]$/);

    await applied.apply(now.yaml);
    const after = observe();
    // A live change is in force a moment later.
    for (const name of after.keys()) {
      const { stdout: script } = plan(now.file, `--router=${name}`);
      const planned = await scriptedState(lab.node, `hand-${name}`, script);
      await eventually(() => expect(routerState(applied.pod(name)!.pod)).toEqual(planned), 10_000);
    }
    expect(announced.openStack).toEqual(pairsOf(before, after));
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const announcement = announced.changes.find(({ router }) => router.endsWith(`/${name}`));
      expect({ name, ...effect(before.get(name), after.get(name)) }).toEqual({
        name,
        ...announcedEffect(announcement),
      });
    }
    const announcement = announced.changes.find(({ router }) => router.endsWith(`/${first}`));
    const survives = announcedEffect(announcement).pod === 'the same';
    expect(await held.ask(survives ? 3000 : 300)).toBe(survives ? answer : undefined);
    held.end();
  });

  test("is what happens to a router of the operator's, with our plugin in the place of its own", async () => {
    const [old, now] = [written(OPERATORS_RULE.old), written(OPERATORS_RULE.now)];
    const { status, stdout } = plan('--diff', '--json', old.file, now.file);
    const announced = JSON.parse(stdout) as PlanJson;
    expect({ status, changes: announced.changes }).toMatchObject({ status: 2, changes: OPERATORS_RULE.announced });
    const planned = (file: string) => scriptedState(lab.node, 'hand', plan(file).stdout);
    const state = () => routerState(applied.pod(OPERATOR_DEPLOYMENT)!.pod);

    await applied.apply(renderedByOperator(old.yaml));
    const before = applied.pod(OPERATOR_DEPLOYMENT)!.pod;
    expect(state()).toEqual(await planned(old.file));
    // Applying changes nothing by itself, as the note says,
    await applied.apply(renderedByOperator(now.yaml));
    expect(applied.pod(OPERATOR_DEPLOYMENT)!.pod).toBe(before);
    expect(state()).toEqual(await planned(old.file));
    // and its command is what brings it about.
    const [note] = announced.changes[0]!.notes;
    expect(note).toMatch(
      /does not restart the pod; run: kubectl -n egress rollout restart deployment\/egress-router-cni-deployment$/,
    );
    await applied.restart(/deployment\/(\S+)$/.exec(note!)![1]!, renderedByOperator(now.yaml));
    expect(applied.pod(OPERATOR_DEPLOYMENT)!.pod).not.toBe(before);
    expect(state()).toEqual(await planned(now.file));
    // A MAC that is drawn at every start cannot be announced.
    expect(announced.openStack).toEqual({ before: [], after: [] });
  });

  test('a router under another name waits for the address, as the note says', async () => {
    const { old, now } = CHANGES['another name']!;
    const [partner, friend] = [written(old), written(now)];
    const announced = JSON.parse(plan('--diff', '--json', partner.file, friend.file).stdout) as PlanJson;
    expect(announced.changes[0]!.notes[0]).toMatch(/^192\.168\.12\.99 is held by egress\/partner until now/);
    await applied.apply(partner.yaml);
    // Both at once, as kubectl apply leaves them.
    const both = `${partner.yaml}---\n${friend.yaml}`;
    await expect(applied.apply(both)).rejects.toThrow(/192\.168\.12\.99/);
    await applied.apply(friend.yaml);
    expect([...observe().keys()]).toEqual(['friend']);
  });
});

interface Effect {
  readonly pod: 'the same' | 'another' | 'a new one' | 'none';
  readonly isNewMac: boolean;
}

function effect(before: Seen | undefined, after: Seen | undefined): Effect {
  if (before === undefined) return { pod: 'a new one', isNewMac: false };
  if (after === undefined) return { pod: 'none', isNewMac: false };
  return {
    pod: before.namespace === after.namespace ? 'the same' : 'another',
    isNewMac: before.mac !== after.mac,
  };
}

function announcedEffect(change: RouterChange | undefined): Effect {
  if (change?.kind === 'added') return { pod: 'a new one', isNewMac: false };
  if (change?.kind === 'removed') return { pod: 'none', isNewMac: false };
  const isRestarted = change?.cost === 'pod restart' || change?.cost === 'new MAC';
  return { pod: isRestarted ? 'another' : 'the same', isNewMac: change?.cost === 'new MAC' };
}
