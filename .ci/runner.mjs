import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { readArguments } from './arguments.mjs';
import { installPackages } from './debian-packages.mjs';
import { runStage, stopAll } from './stage.mjs';

/**
 * Does what the arguments ask for.
 *
 * @param prepare makes what steps share, before steps run side by side: each would make it itself, at the same time
 * @returns the exit status: 0 for success, 1 for a step that failed, 2 for misuse
 */
export async function run(stages, words, prepare = () => {}) {
  const steps = stages.flat(2);
  const { errors, names, isList, isFull } = readArguments(
    words,
    steps.map(({ name }) => name),
  );
  if (errors.length > 0) {
    console.error(errors.join('\n'));
    return 2;
  }
  if (isList) {
    console.log(table(steps.map(({ name, summary }) => [name, summary])));
    return 0;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      stopAll();
      process.exit(1);
    });
  }
  return runSteps(names.length === 0 ? stages : onlyNamed(stages, names), { isFull, prepare });
}

/** The stages without the steps that are not wanted. */
function onlyNamed(stages, names) {
  return stages
    .map((lanes) => lanes.map((lane) => lane.filter(({ name }) => names.includes(name))).filter(hasAny))
    .filter(hasAny);
}

const hasAny = ({ length }) => length > 0;

async function runSteps(stages, { isFull, prepare }) {
  const steps = stages.flat(2);
  const projects = steps.flatMap(({ project = [] }) => project);
  const start = performance.now();
  process.env.CI = 'true';
  installPackages(
    steps.flatMap(({ packages = [], fullPackages = [] }) => [...packages, ...(isFull ? fullPackages : [])]),
  );
  if (hasAny(projects)) rmSync('dist/test-results', { recursive: true, force: true });
  const outcomes = [];
  for (const lanes of stages) {
    if (lanes.length > 1) prepare();
    outcomes.push(...(await runStage(lanes, isFull)));
    if (hasFailed(outcomes)) break;
  }
  const rows = outcomes.map(({ name, status, seconds }) => [name, round(seconds), status === 0 ? '' : 'failed']);
  console.log(`\n${table([...rows, ['all', round((performance.now() - start) / 1000), '']])}`);
  return hasFailed(outcomes) || !sumResults(projects) ? 1 : 0;
}

const hasFailed = (outcomes) => outcomes.some(({ status }) => status !== 0);
const round = (seconds) => `${seconds.toFixed(1)} s`.padStart(9);

/** @returns whether no test of these jest projects failed or was skipped */
function sumResults(projects) {
  if (!hasAny(projects)) return true;
  try {
    execFileSync(process.execPath, ['scripts/sum-results.mjs', ...projects], { stdio: 'inherit' });
    return true;
  } catch {
    return false;
  }
}

function table(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, ...cells]) => `${name.padEnd(width)}  ${cells.join('  ')}`.trimEnd()).join('\n');
}
