import { shellWord } from '../../src/domain/input/shell-word';

declare const quoted: unique symbol;

/** A command to paste into a shell. Only `shellCommand` makes one: others choose the names in it. */
export type ShellCommand = string & { readonly [quoted]: true };

type Value = string | number | readonly string[];

/**
 * The tag of a template whose values are words of a shell, each in quotes if it needs them. The kernel accepts nearly
 * any character in the name of an interface, such as `a;reboot`.
 */
export function shellCommand(texts: TemplateStringsArray, ...values: readonly Value[]): ShellCommand {
  const words = values.map((value) => [value].flat().map((word) => shellWord(String(word))));
  return String.raw({ raw: texts }, ...words.map((each) => each.join(' '))) as ShellCommand;
}

/**
 * Lists a table of any program, such as `ip mesh`. `nft` splits its arguments anew, so that in quotes a name such as
 * `x; flush ruleset` would still be two commands.
 */
export function listTableCommand(table: string): ShellCommand {
  return /^\w+ [a-z_][\w.-]*$/i.test(table)
    ? shellCommand`nft list table ${table.split(' ')}   # in the pod's network namespace`
    : shellCommand`nft list ruleset   # in the pod's network namespace`;
}
