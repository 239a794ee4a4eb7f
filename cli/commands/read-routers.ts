import { type Flags, UsageError } from '../flags';
import { InputError } from '../input/input-error';
import { takeInventory } from '../input/inventory';
import type { Router } from '../input/router';
import { inventoryNotes, refuseProblems, selectRouters } from '../input/selection';
import { inputNames, readSources } from '../input/source';
import type { CommandOutput } from './command-output';

/**
 * Reads the routers of a command's operands, or only the one named by `--router`, and notes the other objects found.
 *
 * @throws UsageError without an operand, InputError for unusable input and input without routers
 */
export function readRouters(
  command: string,
  { operands, value }: Pick<Flags<'router'>, 'operands' | 'value'>,
  output: CommandOutput,
): readonly Router[] {
  if (operands.length === 0) throw new UsageError(`${command}: give a file, a folder, or - for standard input`);
  const inventory = takeInventory(readSources(operands));
  const notes = inventoryNotes(inventory);
  const routers = selectRouters(inventory, value('router'));
  if (routers.length === 0) throw new InputError([`${inputNames(operands)}: contains no router`, ...notes].join('\n'));
  refuseProblems(inventory, routers, value('router'));
  output.note(notes);
  return routers;
}
