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
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
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
  if (found === undefined) throw new Error(`${file.path} imports ${name}, which is no file`);
  return relative(ROOT, found);
}

const isRelative = (name: string) => name.startsWith('.');

/** Imports that are neither a file in one of the folders nor one of the packages. */
function strangers(folder: string, folders: readonly string[], packages: readonly string[]): string[] {
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

test('src/config imports its own files and ipaddr.js, because it runs at synth time and on nodes', () => {
  expect(strangers('src/config', ['src/config'], ['ipaddr.js'])).toEqual([]);
});

test('src/constructs imports src/config, its own files, cdk8s and its relatives, and a hash', () => {
  const packages = ['cdk8s', 'cdk8s-plus-28', 'constructs', 'node:crypto'];
  expect(strangers('src/constructs', ['src/config', 'src/constructs'], packages)).toEqual([]);
});

test('no file imports itself through others', () => {
  const files = new Map(sourceFiles('src').map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    const file = files.get(path)!;
    for (const name of file.imports.filter(isRelative)) visit(target(file, name), [...trail, path]);
    done.add(path);
  }
  for (const path of files.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test('no source file has more than 300 lines', () => {
  const long = sourceFiles('src')
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});
