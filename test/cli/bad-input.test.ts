import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadAll } from 'js-yaml';
import { InputError } from '../../cli/input/input-error';
import { compareRouters } from '../../cli/plan/compare-routers';
import { planMarkdown } from '../../cli/plan/plan-markdown';
import { planText } from '../../cli/plan/plan-text';
import { routerScript } from '../../cli/plan/router-script';
import { runCommand } from '../../cli/run-command';
import { type Json, mutated } from '../support/mutation';
import { Random } from '../support/random';
import { repetitions } from '../support/repetitions';
import { definition, edited, fixture, inventoryOf, OPERATORS } from './manifests';

const STANDALONE = fixture('standalone');
const OKD = fixture('okd');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-bad-input-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

/** The command, in this process. */
function run(...args: string[]): Answer {
  const [out, notes]: [string[], string[]] = [[], []];
  const code = runCommand(args, { write: (text) => out.push(text), note: (lines) => notes.push(...lines) });
  return { code, out: out.join(''), notes: notes.join('\n') };
}

/** A file below the folder. */
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('is refused with exit code 1, and a message that says where', () => {
  test.each<[what: string, content: string | Buffer, message: RegExp]>([
    ['no YAML', 'a: b: c', /m\.yaml:1: is not YAML \(.+\)/],
    ['YAML that is not an object', '- 1\n- 2\n', /m\.yaml: is neither a Kubernetes object/],
    [
      'an object without a kind',
      'apiVersion: v1\nmetadata: { name: a }\n',
      /m\.yaml: is neither a Kubernetes .+; missing: kind$/,
    ],
    [
      'a document without anything',
      `${STANDALONE}---\nspec: {}\n`,
      /m\.yaml document 5: is neither a Kubernetes .+; missing: apiVersion, kind, metadata\.name$/,
    ],
    [
      'an item of a list',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'Secret' }] }),
      /m\.yaml items\[0\]: is neither a Kubernetes object/,
    ],
    [
      'a list without a list',
      'apiVersion: v1\nkind: List\nitems: 5\n',
      /^.+m\.yaml: items: 5 is not a list; accepted: a list of Kubernetes objects$/,
    ],
    [
      'an invalid namespace',
      edited(STANDALONE, [
        '  name: partner\n  namespace: egress\nspec:\n  progress',
        '  name: partner\n  namespace: Egress_1\nspec:\n  progress',
      ]),
      /m\.yaml document 3: Deployment partner: metadata\.namespace: "Egress_1" is not a namespace name; accepted: lower-case/,
    ],
    [
      'half a JSON',
      definition('x', OPERATORS).slice(0, -40),
      /m\.yaml:\d+: is not YAML \(.+\); is the file complete\?/,
    ],
    ['half a YAML', STANDALONE.slice(0, STANDALONE.indexOf('"interface":"net1"')), /m\.yaml:\d+: is not YAML/],
    ['half a configuration', definition('x', JSON.stringify(OPERATORS).slice(0, -40)), /is not a JSON object/],
    [
      'lists in lists without an end',
      `${'{"kind":"List","items":['.repeat(5000)}${']}'.repeat(5000)}`,
      /m\.yaml: is nested too deeply or contains itself; accepted: 100 levels/,
    ],
    [
      'an anchor within itself',
      edited(STANDALONE, ['  progressDeadline', '  own: &own [*own]\n  progressDeadline']),
      /m\.yaml: is nested too deeply or contains itself/,
    ],
    [
      'aliases that grow without measure',
      `a: &a0 [x, x]\n${Array.from({ length: 20 }, (_, i) => `a${i}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]\n`).join('')}`,
      /m\.yaml: its aliases \(\*\) expand to far more than the file contains/,
    ],
    ['a binary file', gzipSync(STANDALONE), /m\.yaml: is not text; accepted: YAML or JSON in UTF-8/],
    [
      'text of another encoding',
      Buffer.from('apiVersion: v1 # \xe4', 'latin1'),
      /m\.yaml: is not text; accepted: YAML or JSON in UTF-8/,
    ],
    ['nothing', '', /m\.yaml: contains no router/],
    [
      "nothing but others' objects",
      'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n',
      /m\.yaml: contains no router\nignored: 1 Secret/,
    ],
    [
      "a router's resource, by the words of the resource",
      edited(OKD, ['192.168.12.99/24', '192.168.12.999/24'], ['gateway: 192.168.12.1', 'gateway: 10.0.0.x']),
      /\[.+m\.yaml document 1\] spec\.addresses\[0\]\.ip: "192\.168\.12\.999\/24" is .+\n.+ spec\.addresses\[0\]\.gateway: "10\.0\.0\.x" is /,
    ],
    [
      'a rule of a resource',
      edited(OKD, ['port: 8443', 'port: 84430', 2]),
      /\[.+m\.yaml document 1\] spec\.redirect\.redirectRules\[2\]: .*84430/,
    ],
  ])('%s', (_what, content, message) => {
    const path = file('m.yaml', content);
    expect(run('plan', path)).toEqual({ code: 1, out: '', notes: expect.stringMatching(message) });
    const good = file('good.yaml', OKD);
    const isEmptyInput = /contains no router/.test(message.source);
    if (!isEmptyInput)
      expect(run('plan', '--diff', good, path)).toEqual({ code: 1, out: '', notes: expect.stringMatching(message) });
  });

  test('every file of a folder that is wrong, not only the first', () => {
    file('a.yaml', 'hello');
    file('b.yaml', STANDALONE);
    file('c.json', '{');
    const { code, notes } = run('plan', folder);
    expect({ code, lines: notes.split('\n') }).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/a\.yaml: is neither a Kubernetes object/),
        expect.stringMatching(/c\.json:2: is not YAML/),
      ],
    });
  });

  test('a folder without manifests, a broken link and a link to itself are rejected', () => {
    expect(run('plan', folder).notes).toBe(
      `${folder}: contains no manifests; accepted: a folder with .yaml, .yml or .json files`,
    );
    symlinkSync('nowhere', join(folder, 'a.yaml'));
    expect(run('plan', folder)).toMatchObject({
      code: 1,
      notes: `${join(folder, 'a.yaml')}: no such file or folder; accepted: manifests, a folder of them, or - for standard input`,
    });
    rmSync(join(folder, 'a.yaml'));
    symlinkSync('b.yaml', join(folder, 'b.yaml'));
    expect(run('plan', folder)).toMatchObject({
      code: 1,
      notes: `${join(folder, 'b.yaml')}: is a symbolic link that leads to itself; accepted: a file or a folder`,
    });
  });

  test('an output that cannot be written', () => {
    const path = file('m.yaml', STANDALONE);
    const bundle = join(__dirname, '..', '..', 'lib', 'cli.js');
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', '"$0" "$1" plan "$2" > /dev/full', process.execPath, bundle, path],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'standard output: cannot be written (ENOSPC)\n' });
  });

  test('a file that may not be read', () => {
    chmodSync(folder, 0o755);
    const path = file('secret.yaml', STANDALONE);
    chmodSync(path, 0);
    // Root can read everything, so the test needs another user.
    const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
    const bundle = join(__dirname, '..', '..', 'lib', 'cli.js');
    const { status, stderr } = spawnSync(process.execPath, [bundle, 'plan', path], { encoding: 'utf8', ...uid });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${path}: permission denied; accepted: what this user may read\n`,
    });
  });
});

describe('is read all the same', () => {
  const expected = inventoryOf(STANDALONE).routers.map(({ name, config }) => ({ name, config }));
  const planOf = (path: string) => run('plan', '--json', path);

  test.each<[what: string, content: string | Buffer]>([
    ['lines that end as on Windows', STANDALONE.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${STANDALONE}`],
    ["what Windows' shells redirect (UTF-16)", Buffer.from(`\ufeff${STANDALONE}`, 'utf16le')],
    ['separators at both ends, and comments', `---\n# a\n${STANDALONE}\n---\n---\n`],
    [
      'a list, as kubectl get -o json writes it',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: loadAll(STANDALONE) }),
    ],
    [
      'lists in a list',
      JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [{ kind: 'List', items: loadAll(STANDALONE) }] }),
    ],
  ])('%s', (_what, content) => {
    const { code, out } = planOf(file('m.yaml', content));
    expect({ code, out }).toEqual({ code: 0, out: planOf(file('plain.yaml', STANDALONE)).out });
    expect(JSON.parse(out)).toMatchObject(expected.map(({ name }) => ({ router: name })));
  });

  test('anchors, merged keys, and a date that is not text in YAML', () => {
    const text = edited(STANDALONE, [
      '  name: partner\n  namespace: egress\nspec:\n  progress',
      '  name: partner\n  <<: *place\n  annotations: { since: 2026-01-02 }\nspec:\n  progress',
    ]);
    const [network, policy, deployment, ...others] = text.split('---\n');
    // An anchor ends with its document.
    expect(run('plan', file('m.yaml', text))).toMatchObject({
      code: 1,
      notes: expect.stringMatching(/m\.yaml:\d+: is not YAML \(.*alias/),
    });
    const whole = [
      network,
      policy,
      `${deployment!.replace('metadata:\n', 'x: &place { namespace: egress }\nmetadata:\n')}`,
      ...others,
    ].join('---\n');
    const { code, out } = planOf(file('m.yaml', whole));
    expect({ code, out }).toEqual({ code: 0, out: planOf(file('plain.yaml', STANDALONE)).out });
    expect(inventoryOf(whole).routers[0]!.objects.deployment!.metadata.annotations).toEqual({ since: '2026-01-02' });
  });

  test('a dump of a cluster, with what the API server adds, a namespace that is empty, and objects that have no name yet', () => {
    const items = (loadAll(STANDALONE) as { metadata: object }[]).map((object) => ({
      ...object,
      metadata: { ...object.metadata, uid: 'x', resourceVersion: '1', managedFields: [] },
      status: {},
    }));
    const others = [
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { generateName: 'job-' } },
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', namespace: null } },
    ];
    const dump = file('dump.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items, ...others] }));
    expect(planOf(dump)).toMatchObject({ code: 0, notes: 'ignored: 1 Job, 1 Node' });
  });

  test("another tool's resource of the same kind is named", () => {
    const foreign = edited(OKD, ['network.operator.openshift.io/v1', 'example.com/v1']);
    expect(inventoryOf(STANDALONE, foreign).foreign).toEqual(['EgressRouter egress/egress-1 (example.com/v1)']);
  });

  test('a folder of 10,000 files, and one that leads back to itself', () => {
    mkdirSync(join(folder, 'many'));
    for (let index = 0; index < 10_000; index++) {
      file(`many/${index}.yaml`, `apiVersion: v1\nkind: Secret\nmetadata: { name: s${index} }\n`);
    }
    symlinkSync('..', join(folder, 'many', 'up'));
    file('router.yaml', STANDALONE);
    expect(run('plan', folder)).toMatchObject({ code: 0, notes: 'ignored: 10000 Secret' });
  });

  test('a list of 200,000 objects', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
    const items = [...Array.from({ length: 200_000 }, () => secret), ...loadAll(STANDALONE)];
    expect(inventoryOf(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })).routers).toHaveLength(1);
  });
});

describe('is noted', () => {
  test.each<[what: string, config: unknown, plugin: string]>([
    ['a list of no plugins', { cniVersion: '1.0.0', name: 'a', plugins: [] }, 'none'],
    ['a plugin without a type', { name: 'a' }, 'without a type'],
    ['a type that would move the cursor', { name: 'a', type: 'x\u001b[2J\n' }, '"x\\u001b[2J\\n"'],
  ])('%s', (_what, config, plugin) => {
    const { code, notes } = run('plan', file('m.yaml', `${STANDALONE}---\n${definition('other', config)}`));
    const note = `not a router of this library: NetworkAttachmentDefinition web/other (plugin ${plugin})`;
    expect({ code, notes }).toEqual({ code: 0, notes: note });
  });

  test('an address that two routers claim by one parent interface', () => {
    const friend = edited(STANDALONE.replaceAll('partner', 'friend'), ['2001:db8:12::99/64', '2001:db8:12::98/64', 2]);
    const both = file('both.yaml', `${STANDALONE}---\n${friend}`);
    const note =
      "192.168.12.99 by the interface of the node's default route is declared by egress/friend and egress/partner: on one LAN, only one of them can hold it";
    for (const command of [['plan'], ['diagram'], ['plan', '--diff', file('one.yaml', STANDALONE)]]) {
      expect(run(...command, both).notes.split('\n')).toContain(note);
    }
    // On another interface it is another network's.
    const elsewhere = edited(friend, ['"mode": "bridge"', '"mode": "bridge", "master": "ens4"']);
    expect(run('plan', file('apart.yaml', `${STANDALONE}---\n${elsewhere}`)).notes).not.toContain('claimed');
  });
});

describe('--router of plan --diff', () => {
  const renamed = STANDALONE.replaceAll('partner', 'friend');

  test('takes the name without its namespace as well, from whichever side has it', () => {
    const [before, after] = [file('before.yaml', STANDALONE), file('after.yaml', renamed)];
    for (const name of ['partner', 'egress/partner']) {
      expect(run('plan', '--diff', `--router=${name}`, before, after)).toMatchObject({
        code: 2,
        out: expect.stringMatching(/^egress\/partner: removed\n.+\n1 of 1 router changes: 1 removed\.\n$/s),
      });
    }
    expect(run('plan', '--diff', '--router=friend', before, after)).toMatchObject({
      code: 2,
      out: expect.stringMatching(/^egress\/friend: new router\n/),
    });
    expect(run('plan', '--diff', '--router=partner', before, before)).toEqual({
      code: 0,
      out: 'No changes: 1 router.\n',
      notes: '',
    });
  });

  test('refuses a name that neither side has, and one that several have', () => {
    const [before, after] = [file('before.yaml', STANDALONE), file('after.yaml', renamed)];
    expect(run('plan', '--diff', '--router=egress/partnr', before, after)).toEqual({
      code: 1,
      out: '',
      notes: '--router: unknown router egress/partnr; did you mean egress/partner?',
    });
    expect(run('plan', '--diff', '--router=typo', before, after).notes).toBe(
      '--router: unknown router typo; accepted: egress/friend, egress/partner',
    );
    const elsewhere = file('elsewhere.yaml', STANDALONE.replaceAll('namespace: egress', 'namespace: other'));
    expect(run('plan', '--diff', '--router=partner', before, elsewhere)).toEqual({
      code: 1,
      out: '',
      notes: '--router: partner matches egress/partner and other/partner; accepted: one of them, with its namespace',
    });
  });
});

test('objects with any mistakes are planned, compared, or refused in words', () => {
  const seed = 1 + Math.floor(Math.random() * 2 ** 31);
  const random = new Random(seed);
  const sources = [
    ...['standalone', 'okd', 'live-rules', 'platform-library', 'hosts'].map(fixture),
    definition('a', OPERATORS),
  ];
  const trees = sources.map((text) => loadAll(text) as Json);
  const rounds = repetitions(300, 3000);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    const index = random.below(trees.length);
    const items = mutated(trees[index]!, random);
    try {
      const wrong = inventoryOf(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      wrong.routers.map(routerScript);
      const plan = compareRouters(inventoryOf(sources[index]!), wrong);
      planText(plan);
      planMarkdown(plan);
    } catch (error) {
      if (!(error instanceof InputError)) throw new Error(`seed ${seed}: ${JSON.stringify(items)}`, { cause: error });
      expect(error.message).not.toMatch(/undefined|\[object/);
      refused++;
    }
  }
  // Both happen.
  expect(refused).toBeGreaterThan(rounds / 10);
  expect(refused).toBeLessThan(rounds - rounds / 10);
});
