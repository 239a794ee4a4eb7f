import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import type { Program } from './run-programs';
import type { Manifest } from './synth';

const ROOT = join(__dirname, '..', '..');

/**
 * The examples that `cdk8s synth` runs, by their folder's name. Each is a program of its own, run as its reader would.
 */
export const EXAMPLES = examplesWith('cdk8s.yaml');

/** The examples that `pulumi up` runs. */
export const PULUMI_EXAMPLES = examplesWith('Pulumi.yaml');

function examplesWith(file: string): string[] {
  return readdirSync(join(ROOT, 'examples')).filter((name) => existsSync(join(ROOT, 'examples', name, file)));
}

export interface ExampleRun {
  /** Folder of the YAML files. */
  readonly folder: string;
  /** The YAML files, one after the other. */
  readonly yaml: string;
  readonly manifests: Manifest[];
}

/** A change to an example's files before it runs: every `from` becomes `to`. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Runs an example against the built library. With edits, a copy of it: the second synth of a user who changed the
 * code. The copy lies within the package, where the library's name leads to the library.
 */
export function runExample(name: string, edits: readonly Edit[] = []): ExampleRun {
  const work = workFolder(name);
  try {
    const main = editedCopy(name, edits, work);
    const folder = mkdtempSync(join(ROOT, 'dist', `synth-${name}-`));
    const env = { ...process.env, CDK8S_OUTDIR: folder };
    execFileSync(process.execPath, [TSX, main], { env, stdio: 'pipe' });
    const files = readdirSync(folder).sort();
    return { folder, yaml: yamlIn(folder), manifests: files.flatMap((file) => Yaml.load(join(folder, file))) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** An example, and what was changed in it before it ran. */
export interface ExampleVersion {
  readonly example: string;
  readonly edits: readonly Edit[];
}

/** The YAML of examples as they are, in their order. */
export function synthesizeExamples(names: readonly string[]): string[] {
  return synthesizeVersions(names.map((example) => ({ example, edits: [] })));
}

/** The YAML of each version. */
export function synthesizeVersions(versions: readonly ExampleVersion[]): string[] {
  const work = workFolder('versions');
  try {
    const runs = versions.map(({ example, edits }, index) => {
      const folder = join(work, `${index}-out`);
      return { main: editedCopy(example, edits, join(work, String(index))), folder };
    });
    const failed = runPrograms(runs).find((error) => error !== null);
    if (failed !== undefined) throw new Error(failed);
    return runs.map(({ folder }) => yamlIn(folder));
  } finally {
    rmSync(work, { recursive: true });
  }
}

export const TSX = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');

/** @returns the error of each program, or null */
export function runPrograms(programs: readonly Program[]): (string | null)[] {
  const words = [TSX, join(__dirname, 'run-programs.ts'), JSON.stringify(programs)];
  return JSON.parse(execFileSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' }));
}

function workFolder(name: string): string {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  return mkdtempSync(join(ROOT, 'dist', `example-${name}-`));
}

/** @returns its program */
function editedCopy(name: string, edits: readonly Edit[], work: string): string {
  const source = join(work, 'source');
  cpSync(join(ROOT, 'examples', name), source, { recursive: true });
  for (const edit of edits) applyEdit(join(source, edit.file), edit);
  return join(source, 'main.ts');
}

function yamlIn(folder: string): string {
  const files = readdirSync(folder).sort();
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('---\n');
}

function applyEdit(path: string, { from, to }: Edit): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not contain ${JSON.stringify(from)}`);
  writeFileSync(path, text.replaceAll(from, to));
}
