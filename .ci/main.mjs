import process from 'node:process';
import { run } from './runner.mjs';
import { STAGES } from './steps.mjs';

process.exitCode = await run(STAGES, process.argv.slice(2));
