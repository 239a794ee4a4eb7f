import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');

interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  /** What its imports and re-exports name. */
  readonly imports: readonly string[];
}

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !/^(lib|dist)\//.test(name))
    .map((name) => join(folder, name))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, imports: importsOf(text) };
    });
}

function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const fromClauses = code.matchAll(/^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const others = code.matchAll(/(?:^\s*import|\b(?:import|require)\s*\()\s*['"]([^'"]+)['"]/gm);
  return [...fromClauses, ...others].map((match) => match[1]!);
}

/** The file behind a relative import, from the repository's root. */
function target(file: SourceFile, name: string): string {
  const path = resolve(ROOT, file.path, '..', name);
  const candidates = [`${path}.ts`, join(path, 'index.ts')];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new Error(`${file.path} imports ${name}, which is not a file`);
  return relative(ROOT, found);
}

const isRelative = (name: string) => name.startsWith('.');

/** Imports that are neither a file in one of the folders nor one of the packages. */
function foreignImports(folder: string, folders: readonly string[], packages: readonly string[]): string[] {
  return sourceFiles(folder).flatMap((file) =>
    file.imports
      .filter((name) =>
        isRelative(name) ? !folders.some((own) => target(file, name).startsWith(`${own}/`)) : !packages.includes(name),
      )
      .map((name) => `${file.path} imports ${name}`),
  );
}

test('the reader of imports knows every form of them', () => {
  const text = [
    "import type { A } from './a';",
    "import {\n  type B,\n  c,\n} from './b';",
    "import * as d from 'd';",
    "import './e';",
    "export * from './f';",
    "export { g } from './g';",
    "const h = require('h');",
    "const i = await import('i');",
    "// import 'comment';",
    "/** import { x } from 'docs'; */",
    "const text = 'a word from';",
  ].join('\n');
  expect(importsOf(text).sort()).toEqual(['./a', './b', './e', './f', './g', 'd', 'h', 'i']);
});

test('the walk finds the sources', () => {
  const files = sourceFiles('src');
  expect(files.length).toBeGreaterThan(30);
  expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
});

test('src/domain imports only its own files, because it runs at synth time and on nodes', () => {
  expect(foreignImports('src/domain', ['src/domain'], [])).toEqual([]);
});

test('src/constructs imports src/domain, its own files, cdk8s and its relatives, and of Node.js no more than it needs', () => {
  const packages = ['cdk8s', 'cdk8s-plus-28', 'constructs', 'node:crypto', 'node:util'];
  expect(foreignImports('src/constructs', ['src/domain', 'src/constructs'], packages)).toEqual([
    // The file of cluster IPs, and the conversion of names in Unicode.
    'src/constructs/cluster/service-ip-file.ts imports node:fs',
    'src/constructs/cluster/service-ip-file.ts imports node:path',
    'src/constructs/hosts/host-text.ts imports node:url',
  ]);
});

test('src/index.ts exports names of src/domain and src/constructs alone', () => {
  const index = sourceFiles('src').filter(({ path }) => path === 'src/index.ts');
  expect(index).toHaveLength(1);
  const below = ['src/domain/', 'src/constructs/'];
  const wrong = index.flatMap((file) =>
    file.imports.filter((name) => !isRelative(name) || !below.some((own) => target(file, name).startsWith(own))),
  );
  expect(wrong).toEqual([]);
});

test('cli imports src/domain, its own files, YAML, a layout and Node.js, because it runs wherever npm does', () => {
  const packages = ['js-yaml', '@dagrejs/dagre', 'node:fs', 'node:path', 'node:util'];
  expect(foreignImports('cli', ['src/domain', 'cli'], packages)).toEqual([]);
});

/** Each layer of the plugin, and the layers below it that it may import beside src/domain. */
const PLUGIN_LAYERS: Readonly<Record<string, readonly string[]>> = {
  ffi: [],
  protocol: ['ffi'],
  log: ['protocol'],
  netlink: ['ffi'],
  packet: ['ffi'],
  netns: ['ffi'],
  'data-plane': ['ffi', 'netlink', 'packet', 'netns', 'protocol'],
  'address-conflict': ['ffi', 'netlink', 'packet', 'netns', 'data-plane', 'protocol'],
  standby: [],
  sync: ['ffi', 'netlink', 'data-plane'],
  kubernetes: [],
  serve: [
    ...['ffi', 'netlink', 'packet', 'netns', 'data-plane', 'address-conflict', 'protocol', 'log'],
    ...['standby', 'sync', 'kubernetes'],
  ],
  // It reads the command line of a router's process, which is serve.
  doctor: ['ffi', 'netlink', 'packet', 'netns', 'data-plane', 'address-conflict', 'serve', 'protocol'],
  install: ['ffi', 'data-plane', 'protocol'],
  commands: [
    ...['ffi', 'netlink', 'netns', 'data-plane', 'address-conflict', 'doctor', 'serve', 'install', 'protocol', 'log'],
  ],
  subcommands: ['commands', 'protocol'],
  main: ['netns', 'commands', 'subcommands', 'protocol', 'log'],
};

/** The floors of the domain, lowest first: each imports its own files and those of the floors below it. */
const DOMAIN_FLOORS = ['input', 'values', 'names', 'router', 'data-plane'] as const;

test.each(DOMAIN_FLOORS.map((floor, height) => ({ floor, below: DOMAIN_FLOORS.slice(0, height + 1) })))(
  'src/domain/$floor imports only its own floor and those below',
  ({ floor, below }) => {
    const folders = below.map((name) => `src/domain/${name}`);
    expect(foreignImports(`src/domain/${floor}`, folders, [])).toEqual([]);
  },
);

test('every file of src/domain but its index lies on a floor', () => {
  const floors = new Set(sourceFiles('src/domain').map(({ path }) => path.split('/')[2]));
  expect([...floors].sort()).toEqual([...DOMAIN_FLOORS, 'index.ts'].sort());
});

/** The part of the domain that is not about routers: what talks to the kernel encodes values, whatever they are for. */
const PLAIN_VALUES = [
  'input/shell-word',
  'values/cidr',
  'values/interface-name',
  'values/ip-address',
  'values/mac-address',
  'values/macvlan',
  'values/protocol',
  'data-plane/nft-set-capacity',
  'data-plane/nft-table',
  'data-plane/nft-table-change',
  'data-plane/nft-table-text',
];

/** The folder below cni, or the name of a file that lies in none. */
const layerOf = (path: string) => path.split('/')[1]!.replace(/\.ts$/, '');

function relativeTargets(file: SourceFile): string[] {
  return file.imports.filter(isRelative).map((name) => target(file, name));
}

test('only one file of the plugin calls foreign functions', () => {
  const callers = sourceFiles('cni').filter(({ imports }) => imports.includes('bun:ffi'));
  expect(callers.map(({ path }) => path)).toEqual(['cni/ffi/libc.ts']);
});

test('the plugin imports src/domain, its own files, the runtime and nothing that a node lacks', () => {
  const builtins = [
    'node:child_process',
    'node:crypto',
    'node:dgram',
    'node:fs',
    'node:http',
    'node:https',
    'node:net',
    'node:os',
    'node:path',
    'node:stream',
    'node:stream/promises',
    'node:process',
  ];
  // prom-client and dns-packet are compiled in.
  const packages = ['bun', 'bun:ffi', 'dns-packet', 'prom-client', ...builtins];
  // The commands that read manifests need no node, and are there too; so is their reader of flags.
  expect(foreignImports('cni', ['src/domain', 'cni', 'cli'], packages)).toEqual([]);
});

test('each layer of the plugin imports only the layers below it', () => {
  const wrong = sourceFiles('cni').flatMap((file) => {
    const layer = layerOf(file.path);
    const allowed = PLUGIN_LAYERS[layer];
    if (allowed === undefined)
      return [`${file.path} is in no layer; there are ${Object.keys(PLUGIN_LAYERS).join(', ')}`];
    return relativeTargets(file)
      .filter((path) => path.startsWith('cni/') && layerOf(path) !== layer && !allowed.includes(layerOf(path)))
      .map((path) => `${file.path} imports ${path}`);
  });
  expect(wrong).toEqual([]);
});

test('netlink, packet and netns import nothing about routers', () => {
  const wrong = ['cni/netlink', 'cni/packet', 'cni/netns'].flatMap((folder) =>
    sourceFiles(folder).flatMap((file) =>
      relativeTargets(file)
        .filter((path) => path.startsWith('src/') && !PLAIN_VALUES.some((name) => path === `src/domain/${name}.ts`))
        .map((path) => `${file.path} imports ${path}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test('the cloud side imports src/domain, its own files, Pulumi and what Node.js has', () => {
  const builtins = ['node:fs', 'node:http', 'node:https', 'node:os', 'node:path'];
  // js-yaml is compiled in.
  const packages = ['@pulumi/pulumi', '@pulumi/openstack', 'js-yaml', ...builtins];
  expect(foreignImports('cloud', ['src/domain', 'cloud'], packages)).toEqual([]);
});

test('in the cloud side, neither platform imports the other', () => {
  const platforms = ['openstack', 'vsphere'];
  const wrong = platforms.flatMap((platform) =>
    sourceFiles(`cloud/${platform}`).flatMap((file) =>
      relativeTargets(file)
        .filter((path) => platforms.some((other) => other !== platform && path.startsWith(`cloud/${other}/`)))
        .map((path) => `${file.path} imports ${path}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test.each(['src', 'cni', 'cloud', 'cli'])('no file of %s imports itself through others', (folder) => {
  const files = new Map(sourceFiles(folder).map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    const file = files.get(path);
    if (file === undefined) return; // of another folder, which does not import this one
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const next of relativeTargets(file)) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of files.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test.each(['src', 'cni', 'cloud', 'cli', 'bench'])('no file of %s has more than 300 lines', (folder) => {
  const long = sourceFiles(folder)
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});
