/**
 * A Pulumi program without engine, provider or cloud: what it asks the engine for is written down, and every resource
 * "succeeds". It proves what a program asks for, and not what a cloud makes of it.
 */
import * as pulumi from '@pulumi/pulumi';

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: {
    /** The end of its URN: the types above it and its name. */
    readonly parent: string;
    readonly deleteBeforeReplace: boolean;
    readonly protect: boolean;
    readonly version: string;
    /** Id of a live object that the resource would take over. */
    readonly importId: string;
    /** Other names that the same resource may have in the state. */
    readonly aliases: readonly string[];
  };
}

export interface MockedProgram {
  /** Resources in the order of their registration, without the stack itself. */
  readonly resources: readonly Registered[];
  /** Look-ups: token and arguments. */
  readonly calls: readonly { readonly token: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  /** What the program returns, with the futures in it resolved. */
  readonly outputs: unknown;
}

/**
 * Runs a program.
 *
 * @param answer what a look-up answers, by its token and arguments
 */
export async function runMocked(
  program: () => unknown,
  answer: (token: string, inputs: Record<string, string>) => Record<string, unknown> = () => ({}),
): Promise<MockedProgram> {
  const resources: Registered[] = [];
  const calls: { token: string; inputs: Record<string, unknown> }[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
    call({ token, inputs }) {
      calls.push({ token, inputs });
      return answer(token, inputs);
    },
  });
  recordRequests(resources);
  let failure: unknown;
  // Pulumi ends the process when a program throws.
  const guarded = async () => {
    try {
      return await program();
    } catch (error) {
      failure = error;
      return undefined;
    }
  };
  const outputs = await pulumi.runtime.runInPulumiStack(guarded);
  if (failure !== undefined) throw failure;
  await pulumi.runtime.disconnect();
  return { resources, calls, outputs };
}

/** Mocks get only inputs; the request to the engine also has the options. */
function recordRequests(resources: Registered[]): void {
  const monitor = pulumi.runtime.getMonitor()!;
  const register = monitor.registerResource.bind(monitor) as (...words: unknown[]) => unknown;
  monitor.registerResource = ((request: Request, ...others: unknown[]) => {
    if (request.getType() !== 'pulumi:pulumi:Stack') resources.push(registered(request));
    return register(request, ...others);
  }) as typeof monitor.registerResource;
}

type Request = Parameters<NonNullable<ReturnType<typeof pulumi.runtime.getMonitor>>['registerResource']>[0];

function registered(request: Request): Registered {
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: request.getObject()?.toJavaScript() ?? {},
    options: {
      parent: request.getParent().split('::').slice(-2).join('::'),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      protect: request.getProtect() ?? false,
      version: request.getVersion(),
      importId: request.getImportid(),
      aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? alias.getUrn()),
    },
  };
}
