import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

const ROOT = join(__dirname, '../..');
const GITHUB = join(ROOT, '.github');

interface JobStep {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly strategy?: { readonly matrix: { readonly include: readonly { readonly steps: string }[] } };
  readonly steps: readonly JobStep[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const WORKFLOWS = readdirSync(join(GITHUB, 'workflows')).map((name) => ({
  name,
  workflow: load(readFileSync(join(GITHUB, 'workflows', name), 'utf8')) as Workflow,
}));

const STEPS = execFileSync(join(ROOT, '.ci/run'), ['--list'], { encoding: 'utf8' })
  .trimEnd()
  .split('\n')
  .map((line) => line.split(' ')[0]!);

/** The steps that the jobs of a workflow name after `.ci/run`, by a matrix or as they are. */
function stepsOf({ jobs }: Workflow): string[] {
  return Object.values(jobs).flatMap(({ strategy, steps }) => {
    const words = steps.flatMap(({ run = '' }) => [...run.matchAll(/^\.ci\/run\b(.*)$/gm)].map(([, rest]) => rest!));
    const expanded = words.flatMap((text) =>
      text.includes('matrix.steps') ? strategy!.matrix.include.map((entry) => entry.steps) : [text],
    );
    return expanded.flatMap((text) => text.split(' ').filter(Boolean));
  });
}

test('each step that a workflow names is a step of .ci/run', () => {
  const named = WORKFLOWS.flatMap(({ workflow }) => stepsOf(workflow));
  expect(named.filter((name) => !STEPS.includes(name))).toEqual([]);
});

test('ci.yml runs each step of .ci/run once', () => {
  const { workflow } = WORKFLOWS.find(({ name }) => name === 'ci.yml')!;
  expect(stepsOf(workflow).sort()).toEqual([...STEPS].sort());
});

test.each(WORKFLOWS)('$name may read the repository and nothing else', ({ workflow }) => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
});

test('each action is of this repository, or pinned to a commit', () => {
  const { runs } = load(readFileSync(join(GITHUB, 'actions/prepare/action.yml'), 'utf8')) as {
    readonly runs: { readonly steps: readonly JobStep[] };
  };
  const steps = [...WORKFLOWS.flatMap(({ workflow }) => Object.values(workflow.jobs)), runs].flatMap(
    (job) => job.steps,
  );
  const uses = steps.flatMap((step) => step.uses ?? []);
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter((name) => !/^(\.\/|[\w/-]+@[0-9a-f]{40}$)/.test(name))).toEqual([]);
});
