import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import type { Manifest } from './synth';

const ROOT = join(__dirname, '..', '..');

/** The examples that `cdk8s synth` runs, by their folder's name. Each is a program of its own, run as its reader would. */
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
 * Runs an example against the built library. With edits, a copy of it: the second synth of somebody who changed the
 * code. The copy lies within the package, where the library's name leads to the library.
 */
export function runExample(name: string, edits: readonly Edit[] = []): ExampleRun {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const work = mkdtempSync(join(ROOT, 'dist', `example-${name}-`));
  try {
    const source = join(work, 'source');
    cpSync(join(ROOT, 'examples', name), source, { recursive: true });
    for (const edit of edits) applyEdit(join(source, edit.file), edit);
    const folder = mkdtempSync(join(ROOT, 'dist', `synth-${name}-`));
    const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
    const env = { ...process.env, CDK8S_OUTDIR: folder };
    execFileSync(process.execPath, [tsx, join(source, 'main.ts')], { env, stdio: 'pipe' });
    const files = readdirSync(folder).sort();
    const yaml = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('---\n');
    return { folder, yaml, manifests: files.flatMap((file) => Yaml.load(join(folder, file))) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

function applyEdit(path: string, { from, to }: Edit): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not contain ${JSON.stringify(from)}`);
  writeFileSync(path, text.replaceAll(from, to));
}
