import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { run } from './runner.mjs';
import { STAGES } from './steps.mjs';

/** Installs npm's packages and compiles the library. */
function prepare() {
  execFileSync(process.execPath, ['scripts/ensure-ready.mjs'], { stdio: 'inherit' });
}

process.exitCode = await run(STAGES, process.argv.slice(2), prepare);
