/**
 * Runs Pulumi programs, each of them without an engine, in one process:
 *
 *     tsx run-under-mocks.ts PROGRAM…
 *
 * Prints, as JSON, the types of what each registered, or the error that it ended with.
 */
import * as pulumi from '@pulumi/pulumi';

/** Of one program. */
export type MockedRun = readonly string[] | { readonly error: string };

async function run(program: string): Promise<MockedRun> {
  const types: string[] = [];
  await pulumi.runtime.setMocks({
    newResource({ type, name, inputs }) {
      types.push(type);
      return { id: `${name}-id`, state: inputs };
    },
    call: () => ({ id: 'looked-up' }),
  });
  try {
    require(program);
    // Waits for what the program has under way.
    await pulumi.runtime.disconnect();
    return types;
  } catch (error) {
    return { error: String((error as Error).stack) };
  }
}

async function main(): Promise<void> {
  const runs: MockedRun[] = [];
  for (const program of process.argv.slice(2)) runs.push(await run(program));
  process.stdout.write(JSON.stringify(runs));
}

void main();
