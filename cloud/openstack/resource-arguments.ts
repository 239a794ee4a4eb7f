import type * as pulumi from '@pulumi/pulumi';
import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';
import { readInput } from '../checked-input';
import { type Holding, recordOwner } from './resource-owners';

/** How the arguments of a kind of resource are read; those of its identity must be given. */
interface Reading extends Holding {
  readonly readers: Readonly<Record<string, (field: Field) => unknown>>;
  /** What the kind does in place of an import. */
  readonly insteadOfImport: string;
}

/**
 * Reads the arguments of a resource that changes a port of others, and registers the resource. Known values are
 * checked here, with the resource's name; others by the provider, as soon as they are known.
 *
 * @param where names the resource, for messages
 * @throws an error that names every invalid argument, its value and what is accepted, or the resource that holds the
 * same
 */
export function readArguments(
  where: string,
  args: object,
  opts: pulumi.CustomResourceOptions | undefined,
  { readers, identity, kind, insteadOfImport }: Reading,
): pulumi.Inputs {
  const issues: Issue[] = [];
  refuseImport(opts, insteadOfImport, issues);
  const root = Field.root(args, issues);
  const inputs: pulumi.Inputs = {};
  if (root.isObjectOf(Object.keys(readers))) {
    for (const [key, read] of Object.entries(readers)) {
      const field = root.member(key);
      if (field.isPresent || identity.includes(key)) inputs[key] = readInput(field, where, read);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues, where);
  return recordOwner(inputs, where, { identity, kind });
}

/** The engine finds the provider of a dynamic resource in the state, which an import lacks. */
function refuseImport(opts: pulumi.CustomResourceOptions | undefined, instead: string, issues: Issue[]): void {
  Field.root({ import: opts?.import }, issues)
    .member('import')
    .optional((field) => field.refuse('is not an option of dynamic resources', `no \`import\`: ${instead}`));
}
