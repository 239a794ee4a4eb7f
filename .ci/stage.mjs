import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const LOGS = 'dist/ci';

/** What runs now. */
const children = new Set();

/** Ends what runs, with all that it started: a shell does not pass a signal on. */
export function stopAll() {
  for (const { pid } of children) process.kill(-pid, 'SIGTERM');
}

/**
 * Runs the lanes of a stage side by side, and the steps of a lane one after another. The first lane prints as it goes;
 * what the others print follows at the end, so that their lines do not mix. After a failure no further step starts.
 *
 * @returns name, seconds and status of each step that ran
 */
export async function runStage([first, ...others], isFull) {
  const outcomes = [];
  const runLane = async (lane, run) => {
    for (const step of lane) {
      if (outcomes.some(({ status }) => status !== 0)) return;
      outcomes.push(await run(step, isFull));
    }
  };
  await Promise.all([runLane(first, runInSight), ...others.map((lane) => runLane(lane, runAside))]);
  const aside = outcomes.filter(({ log }) => log !== undefined);
  for (const { name, log } of aside) console.log(`\n== ${name}, which ran beside\n${readFileSync(log, 'utf8')}`);
  return outcomes;
}

async function runInSight(step, isFull) {
  console.log(`\n== ${step.name}: ${step.summary}`);
  return report(await runStep(step, isFull, 'inherit'));
}

async function runAside(step, isFull) {
  mkdirSync(LOGS, { recursive: true });
  const log = `${LOGS}/${step.name}.log`;
  const file = openSync(log, 'w');
  console.log(`\n== ${step.name}, beside: ${step.summary}`);
  try {
    return { ...report(await runStep(step, isFull, file)), log };
  } finally {
    closeSync(file);
  }
}

function report(outcome) {
  console.log(`== ${outcome.name}: ${outcome.status === 0 ? '' : 'failed after '}${outcome.seconds.toFixed(1)} s`);
  return outcome;
}

/** In a shell and a process group of its own; the shell ends at the step's first failure. */
function runStep({ name, command, full = command }, isFull, output) {
  const start = performance.now();
  const words = ['-euo', 'pipefail', '-c', isFull ? full : command];
  const child = spawn('bash', words, { detached: true, stdio: ['ignore', output, output] });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      children.delete(child);
      // Without a code a signal has ended it.
      resolve({ name, status: code ?? 1, seconds: (performance.now() - start) / 1000 });
    });
  });
}
