import type * as pulumi from '@pulumi/pulumi';
import { Field } from '../../src/domain/input/decoder';
import type { Issue } from '../../src/domain/input/issue';

/**
 * Adds an issue if a dynamic resource is to be imported: the engine finds its provider in the state, which an import
 * lacks.
 */
export function refuseImport(opts: pulumi.CustomResourceOptions | undefined, accepted: string, issues: Issue[]): void {
  Field.root({ import: opts?.import }, issues)
    .member('import')
    .optional((field) => field.refuse('is not an option of dynamic resources', accepted));
}
