import { type Flag, type Flags, readFlags, UsageError } from '../flags';
import { takeInventory } from '../input/inventory';
import type { ReadTexts } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { inventoryNotes, refuseProblems, selectOnBothSides } from '../input/selection';
import { readSources } from '../input/source';
import { compareRouters } from '../plan/compare-routers';
import { planMarkdown } from '../plan/plan-markdown';
import { planJson, planText } from '../plan/plan-text';
import { routerCommands, routerScript } from '../plan/router-script';
import type { CommandOutput } from './command-output';
import { readRouters } from './read-routers';

export const PLAN_FLAGS = {
  diff: { help: 'compare two inputs, OLD and NEW: which routers change and at what cost; exit code 2 if any does' },
  router: { value: 'NAMESPACE/NAME', help: 'only this router' },
  json: { help: 'print JSON, for programs' },
  markdown: { help: 'with --diff: print Markdown, for a pull request' },
} as const satisfies Readonly<Record<string, Flag>>;

type PlanFlags = Flags<keyof typeof PLAN_FLAGS>;

const CHANGES = 2;

/**
 * `plan PATH…` prints ADD as commands, `plan --diff OLD NEW` what changes. A path is a file, a folder or `-`.
 *
 * @returns the exit code
 * @throws UsageError, InputError
 */
export function plan(args: readonly string[], output: CommandOutput): number {
  const flags = readFlags('plan', args, PLAN_FLAGS, true);
  if (flags.has('json') && flags.has('markdown'))
    throw new UsageError('plan: --json and --markdown exclude each other');
  if (flags.has('diff')) return showChanges(flags, output);
  if (flags.has('markdown')) throw new UsageError('plan: --markdown needs --diff');
  return showCommands(flags, output);
}

function showChanges(flags: PlanFlags, output: CommandOutput): number {
  const [old, now, ...others] = flags.operands;
  if (old === undefined || now === undefined || others.length > 0) {
    throw new UsageError(`plan: --diff takes two inputs, OLD and NEW, and was given ${flags.operands.length}`);
  }
  if (old === '-' && now === '-') throw new UsageError('plan: --diff: OLD and NEW cannot both be standard input');
  const known: ReadTexts = new Map();
  const inventory = (path: string) => takeInventory(readSources([path]), known);
  const [before, after] = selectOnBothSides([inventory(old), inventory(now)], flags.value('router'));
  refuseProblems(after, after.routers, flags.value('router'));
  const changes = compareRouters(before, after);
  output.note(inventoryNotes(after));
  if (flags.has('json')) output.write(`${JSON.stringify(planJson(changes), undefined, 2)}\n`);
  else output.write(flags.has('markdown') ? planMarkdown(changes) : planText(changes));
  return changes.changes.length === 0 ? 0 : CHANGES;
}

function showCommands(flags: PlanFlags, output: CommandOutput): number {
  const routers = readRouters('plan', flags, output);
  if (flags.has('json')) {
    output.write(`${JSON.stringify(routers.map(asJson), undefined, 2)}\n`);
    return 0;
  }
  if (routers.length > 1) output.note([ONE_BY_ONE]);
  output.write(routers.map(routerScript).join('\n'));
  return 0;
}

const ONE_BY_ONE = 'one script after the other, each for a namespace of its own; --router=NAMESPACE/NAME prints one';

function asJson(router: Router): Record<string, unknown> {
  const { name, mode, config, link } = router;
  return {
    router: name,
    mode,
    interface: link,
    parent: config.macvlan.master,
    addresses: config.addresses.map(({ cidr }) => cidr.text),
    // The operator's plugin draws one at every start.
    mac: mode === 'operator' ? undefined : config.macAddress,
    commands: routerCommands(router),
  };
}
