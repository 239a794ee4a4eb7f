import { openStackSteps } from './openstack-steps';
import { headline, summary } from './plan-text';
import type { RouterChanges } from './router-change';

/** The longest list of changes that a cell of the table shows. */
const MOST_DIFFERENCES = 8;

/** The plan as a comment of a pull request. */
export function planMarkdown(comparison: RouterChanges): string {
  const rows = comparison.changes.map((change) => {
    const lines = [...change.differences, ...change.notes.map((note) => `note: ${note}`)];
    const shown = lines.slice(0, MOST_DIFFERENCES).map(codeText);
    if (lines.length > MOST_DIFFERENCES) shown.push(`… and ${lines.length - MOST_DIFFERENCES} more`);
    return `| ${codeText(change.router)} | ${escaped(headline(change))} | ${shown.join('<br>')} |`;
  });
  const table = rows.length === 0 ? [] : ['| router | what it costs | changes |', '| --- | --- | --- |', ...rows, ''];
  return [`**Egress routers.** ${summary(comparison)}`, '', ...table, ...stepsBlock(comparison)]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function stepsBlock(comparison: RouterChanges): string[] {
  const { before, after } = openStackSteps(comparison);
  if (before.length + after.length === 0) return [];
  return [
    "On OpenStack, for each node's `PORT` (or by pulumi-egress-router):",
    '',
    '```sh',
    ...(before.length === 0 ? [] : ['# before applying', ...before]),
    ...(after.length === 0 ? [] : ['# after the old pods are gone', ...after]),
    '```',
  ];
}

/** A bar would end the cell, even in code. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Text with backticks needs a longer fence. */
function codeText(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest === 0 ? '' : ' ';
  return `${fence}${space}${escaped(text)}${space}${fence}`;
}
