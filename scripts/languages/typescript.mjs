import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './command.mjs';

const PROGRAM = 'main.ts';

/** What the other languages are compared with. */
export const typescript = {
  name: 'TypeScript',
  program: PROGRAM,
  missing: () => [],
  steps: [],
  synthesize,
};

function synthesize(_work, folder, env) {
  const program = join(folder, PROGRAM);
  if (existsSync(program)) run('npx', ['tsx', program], { env });
  else synthesizeReadme(env);
}

/** Runs the README's own text, in a folder of this package, where the library's name leads to the library. */
function synthesizeReadme(env) {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const scratch = mkdtempSync(join(ROOT, 'dist', 'readme-'));
  try {
    writeFileSync(join(scratch, PROGRAM), standaloneProgram(readFileSync(join(ROOT, 'README.md'), 'utf8')));
    run('npx', ['tsx', join(scratch, PROGRAM)], { env });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** @returns the first program below its heading */
function standaloneProgram(readme) {
  const [, program] = /^## Quick start: standalone mode$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  if (program === undefined)
    throw new Error('README.md has no TypeScript program below "Quick start: standalone mode"');
  return program;
}
