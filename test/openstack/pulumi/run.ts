/**
 * One operation of the Pulumi engine on a stack whose program is described by a value: started by stack.ts, in a
 * process of its own that a test can kill. Prints what came of it as JSON.
 */
import { LocalWorkspace, type Stack } from '@pulumi/pulumi/automation';
import type { EgressRouterPortsArgs } from 'pulumi-egress-router/openstack';
import { AllowedAddressPair, type AllowedAddressPairArgs, EgressRouterPorts } from 'pulumi-egress-router/openstack';

/** What a stack holds. */
export interface Program {
  readonly pairs?: Readonly<Record<string, AllowedAddressPairArgs>>;
  readonly ports?: Readonly<Record<string, EgressRouterPortsArgs>>;
  /** What each of `ports` was called before. */
  readonly formerNames?: Readonly<Record<string, string>>;
  /** Names of pairs that `up` replaces although nothing has changed. */
  readonly replace?: readonly string[];
  /** A module with a function `program`, instead. */
  readonly module?: string;
  /** Its configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

export type Operation = 'up' | 'preview' | 'refresh' | 'destroy' | 'cancel' | 'export';

/** What an operation came to. */
export interface Outcome {
  /** How many resources were created, updated, deleted, replaced, left the same. */
  readonly changes?: Readonly<Record<string, number>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The state, of `export`. */
  readonly state?: unknown;
}

const PROJECT = 'egress-test';
const STACK = 'test';

async function run(operation: Operation, folder: string, description: Program): Promise<Outcome> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: STACK, projectName: PROJECT, program: async () => declare(description) },
    { workDir: folder },
  );
  for (const [key, value] of Object.entries(description.config ?? {})) await stack.setConfig(key, { value });
  return OPERATIONS[operation](stack, description);
}

const OPERATIONS: Record<Operation, (stack: Stack, description: Program) => Promise<Outcome>> = {
  up: async (stack, { replace = [] }) => {
    const { summary, outputs } = await stack.up({ replace: replace.map(urnOf) });
    return {
      changes: summary.resourceChanges,
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])),
    };
  },
  preview: async (stack) => ({ changes: (await stack.preview()).changeSummary as Record<string, number> }),
  refresh: async (stack) => ({ changes: (await stack.refresh()).summary.resourceChanges }),
  destroy: async (stack) => ({ changes: (await stack.destroy()).summary.resourceChanges }),
  cancel: async (stack) => {
    await stack.cancel();
    return {};
  },
  export: async (stack) => ({ state: await stack.exportStack() }),
};

function urnOf(pair: string): string {
  return `urn:pulumi:${STACK}::${PROJECT}::pulumi-nodejs:dynamic/egress-router:AllowedAddressPair::${pair}`;
}

async function declare({
  pairs = {},
  ports = {},
  formerNames = {},
  module,
}: Program): Promise<Record<string, unknown>> {
  if (module !== undefined) return (await import(module)).program();
  for (const [name, args] of Object.entries(pairs)) new AllowedAddressPair(name, args);
  return Object.fromEntries(
    Object.entries(ports).map(([name, args]) => {
      const former = formerNames[name];
      const aliases = former === undefined ? [] : [{ name: former }];
      return [name, new EgressRouterPorts(name, args, { aliases }).portIds];
    }),
  );
}

const [operation, folder, description] = process.argv.slice(2);
run(operation as Operation, folder!, JSON.parse(description!) as Program).then(
  (outcome) => process.stdout.write(JSON.stringify(outcome)),
  (error) => {
    process.stderr.write(String(error instanceof Error ? error.message : error));
    process.exitCode = 1;
  },
);
