import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { InputError } from '../../cli/input/input-error';
import type { Router } from '../../cli/input/router';
import { routerScript } from '../../cli/plan/router-script';
import type { Json } from '../support/mutation';
import { Random } from '../support/random';
import { definition, edited, fixture, inventoryOf, OPERATORS } from './manifests';

/** The command that texts of the manifests try to run. In an interface's name there is place for 15 bytes. */
const PWN = 'pwn';

/**
 * Ways out of a comment, a word, a text in quotes, a here-document, and nft's quotes. Each keeps what stood there, or
 * begins with it.
 */
const WAYS_OUT: readonly ((text: string) => string)[] = [
  (text) => `${text}\n${PWN}\n#`,
  (text) => `${text}\r${PWN}`,
  (text) => `${text}\u2028${PWN}`,
  () => `$(${PWN})`,
  (text) => `${text}$(${PWN})`,
  () => `\`${PWN}\``,
  () => `x;${PWN};`,
  () => `x&${PWN}`,
  () => `x|${PWN}`,
  () => `x}";${PWN};"`,
  () => `x}$(${PWN})`,
  () => `';${PWN};'`,
  () => `'\n${PWN}\n'`,
  (text) => `${text}\nEOF\n${PWN}\n`,
  () => `"\n}\nEOF\n${PWN}`,
  () => `x>${PWN}`,
  () => `<(${PWN})`,
  () => `\\\n${PWN}`,
  () => `-x`,
  () => `${PWN}`,
];

/** Programs of the script, and of the manifests: they do nothing but say in a file that they were called. */
class Stubs implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  private readonly calls = join(this.folder, 'calls');
  private readonly work = join(this.folder, 'work');

  /** Most texts do not reach the script, which is the same then. */
  private readonly scripts = new Set<string>();

  public constructor() {
    mkdirSync(this.work);
    for (const name of ['ip', 'nft', 'sysctl', PWN]) {
      const path = join(this.folder, name);
      writeFileSync(path, `#!/bin/sh\necho ${name} >> ${this.calls}\n`);
      chmodSync(path, 0o755);
    }
  }

  public haveRun(script: string): boolean {
    return this.scripts.has(script);
  }

  /** @returns the programs that ran, in their order, and files that redirections made */
  public run(
    script: string,
    variables: Readonly<Record<string, string>>,
  ): { readonly stderr: string; readonly programs: string[]; readonly files: string } {
    rmSync(this.calls, { force: true });
    this.scripts.add(script);
    const env = { ...variables, PATH: this.folder };
    const check = spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8', env, cwd: this.work });
    const { stderr } = spawnSync('/bin/sh', [], { input: script, encoding: 'utf8', env, cwd: this.work });
    const programs = readFileSync(this.calls, 'utf8').trimEnd().split('\n');
    const files = spawnSync('ls', ['-A', this.work], { encoding: 'utf8' }).stdout;
    return { stderr: check.stderr + stderr, programs, files };
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Every scalar of a tree, with what replaces it. */
function textsOf(tree: Json, replace: (value: Json) => void, found: [Json, (value: Json) => void][] = []) {
  if (typeof tree !== 'object' || tree === null) {
    found.push([tree, replace]);
    return found;
  }
  for (const key of Object.keys(tree)) {
    const holder = tree as Record<string, Json>;
    textsOf(holder[key]!, (text) => (holder[key] = text), found);
  }
  return found;
}

/** Configurations and annotations are JSON in a text; here they are trees, so that their texts are texts too. */
function opened(object: Json): Json {
  const body = object as { spec?: { config?: Json; template?: { metadata: { annotations: Record<string, Json> } } } };
  if (typeof body.spec?.config === 'string') body.spec.config = { json: JSON.parse(body.spec.config) };
  const annotations = body.spec?.template?.metadata.annotations;
  const networks = annotations?.['k8s.v1.cni.cncf.io/networks'];
  if (typeof networks === 'string') annotations!['k8s.v1.cni.cncf.io/networks'] = { json: JSON.parse(networks) };
  return object;
}

function closed(tree: Json): string {
  return JSON.stringify(tree, (_, value) => {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    return keys.length === 1 && keys[0] === 'json' ? JSON.stringify(value.json) : value;
  });
}

/** Manifests in which every text that plan reads is given. */
const FULL = edited(
  fixture('standalone'),
  ['"mode": "bridge"', '"mode": "bridge", "master": "lan0", "mtu": "1400"'],
  [
    '"healthPort": 9180\n',
    '"healthPort": 9180, "primaryInterface": "eth1", "log_file": "/tmp/x", "log_level": "debug"\n',
  ],
);

const SOURCES = [FULL, fixture('standalone'), fixture('okd'), fixture('live-rules'), definition('a', OPERATORS)];

/** What a shell runs of a script without anything hostile in it. */
const HARMLESS = new Set(['ip', 'nft', 'sysctl']);

function expectHarmless(stubs: Stubs, router: Router, given: unknown): void {
  const script = routerScript(router);
  if (stubs.haveRun(script)) return;
  const { master } = router.config.macvlan;
  const { stderr, programs, files } = stubs.run(script, master === undefined ? { PARENT: 'lan0' } : {});
  const others = programs.filter((name) => !HARMLESS.has(name));
  expect({ given, stderr, others, files }).toEqual({ given, stderr: '', others: [], files: '' });
  expect(programs.length).toBeGreaterThan(10);
}

function routersOf(manifests: string): readonly Router[] {
  try {
    return inventoryOf(manifests).routers;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The refusal itself goes to a terminal.
    expect(error.message).not.toMatch(/[^\P{Cc}\n]/u);
    return [];
  }
}

test('the script of plan runs no text of a manifest', () => {
  using stubs = new Stubs();
  const random = new Random(1 + Math.floor(Math.random() * 2 ** 31));
  let [accepted, refused] = [0, 0];
  for (const source of SOURCES) {
    const trees = (loadAll(source) as Json[]).map(opened);
    for (const [value, replace] of textsOf(trees, () => {})) {
      // What most texts become does not reach the script: few of the ways are enough for a place in the manifest.
      for (const way of [WAYS_OUT[0]!, WAYS_OUT[3]!, random.oneOf(WAYS_OUT), random.oneOf(WAYS_OUT)]) {
        const hostile = way(String(value));
        replace(hostile);
        const routers = routersOf(`{"apiVersion":"v1","kind":"List","items":${closed(trees)}}`);
        for (const router of routers) expectHarmless(stubs, router, hostile);
        if (routers.length === 0) refused++;
        else accepted++;
      }
      replace(value);
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(accepted).toBeGreaterThan(100);
}, 600_000);

test('the script of a router with unchecked names runs none either', () => {
  using stubs = new Stubs();
  const [router] = inventoryOf(FULL).routers;
  for (const way of WAYS_OUT) {
    const { config } = router!;
    const hostile = way('x');
    const named = (change: Partial<Router>) => expectHarmless(stubs, { ...router!, ...change }, hostile);
    named({ name: hostile });
    named({ config: { ...config, macvlan: { ...config.macvlan, master: hostile } } });
  }
});

describe('texts that are no names are refused by their place', () => {
  const HOSTILE = 'x\nid>f8r\n#';
  test.each<[what: string, text: string, message: string]>([
    [
      'the label with the name of the router',
      JSON.stringify({
        ...JSON.parse(definition('a', OPERATORS)),
        metadata: { name: 'a', labels: { 'app.kubernetes.io/instance': HOSTILE } },
      }),
      '1.yaml: metadata.labels["app.kubernetes.io/instance"]: "x\\nid>f8r\\n#" is not a label value; accepted: letters, digits,',
    ],
    [
      'a name',
      definition(HOSTILE, OPERATORS),
      '1.yaml: NetworkAttachmentDefinition: metadata.name: "x\\nid>f8r\\n#" is not a name; accepted: labels of',
    ],
    [
      'the beginning of a name',
      JSON.stringify({ ...JSON.parse(definition('a', OPERATORS)), metadata: { generateName: HOSTILE } }),
      '1.yaml: NetworkAttachmentDefinition: metadata.generateName: "x\\nid>f8r\\n#" is not a name; accepted: labels of',
    ],
    [
      'an interface of the annotation',
      edited(FULL, ['"interface":"net1"', '"interface":"net1;id>f8q;"']),
      '1.yaml document 3: annotation k8s.v1.cni.cncf.io/networks: interface: "net1;id>f8q;" is not an interface name; accepted: the name of a network interface',
    ],
    [
      'a long interface of the annotation',
      edited(FULL, ['"interface":"net1"', `"interface":"${'n'.repeat(40)}"`]),
      `1.yaml document 3: annotation k8s.v1.cni.cncf.io/networks: interface: "${'n'.repeat(40)}" is not an interface name; accepted: the name`,
    ],
    [
      'the parent interface',
      edited(FULL, ['"lan0"', '"$(id>f8p)"']),
      '[1.yaml document 1: spec.config] interfaceArgs.master: "$(id>f8p)" is not an interface name; accepted: the name or alternative name of a network interface',
    ],
    [
      'the primary interface',
      edited(FULL, ['"eth1"', '"`id`"']),
      '[1.yaml document 1: spec.config] primaryInterface: "`id`" is not an interface name; accepted: the name of a network interface',
    ],
    [
      'a kind',
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret\u001b[2J', metadata: { name: 'a' } }),
      '1.yaml: kind: "Secret\\u001b[2J" is not a kind; accepted: letters, digits and "-", beginning with a letter',
    ],
    [
      'a version',
      JSON.stringify({ apiVersion: 'v1\n', kind: 'Secret', metadata: { name: 'a' } }),
      '1.yaml: apiVersion: "v1\\n" is not an API version; accepted: GROUP/VERSION, or a version of the core group',
    ],
  ])('%s', (_what, text, message) => {
    expect(() => inventoryOf(text)).toThrow(message);
  });
});
