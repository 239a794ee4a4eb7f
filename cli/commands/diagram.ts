import { writeFileSync } from 'node:fs';
import { fleetPicture } from '../diagram/fleet-picture';
import { fittingMermaid, mermaidText } from '../diagram/mermaid-text';
import { routersPicture } from '../diagram/router-picture';
import { svgText } from '../diagram/svg/svg-text';
import { type Flag, type Flags, readFlags, UsageError, unknownWord } from '../flags';
import { InputError } from '../input/input-error';
import type { Router } from '../input/router';
import type { CommandOutput } from './command-output';
import { readRouters } from './read-routers';

/** More routers than this are drawn as a fleet, without their rules. */
const MOST_IN_DETAIL = 3;

const FORMATS = ['mermaid', 'svg'];

const DIAGRAM_FLAGS = {
  format: { value: 'FORMAT', help: 'mermaid (text for a Markdown file, the default) or svg' },
  output: { value: 'FILE', help: 'file to write to, instead of standard output' },
  router: { value: 'NAMESPACE/NAME', help: 'only this router' },
  overview: { help: `draw namespaces and their destinations; the default for more than ${MOST_IN_DETAIL} routers` },
} as const satisfies Readonly<Record<string, Flag>>;

/**
 * `diagram PATH…` draws a router, or a fleet of them. A path is a file, a folder or `-`.
 *
 * @returns the exit code
 * @throws UsageError, InputError
 */
export function diagram(args: readonly string[], output: CommandOutput): number {
  const flags = readFlags('diagram', args, DIAGRAM_FLAGS, true);
  const format = readFormat(flags);
  if (flags.has('overview') && flags.has('router')) {
    throw new UsageError('diagram: --overview and --router exclude each other');
  }
  const routers = readRouters('diagram', flags, output);
  const isFleet = flags.has('overview') || routers.length > MOST_IN_DETAIL;
  const text = isFleet ? fleetText(routers, format) : routersText(routers, format);
  const file = flags.value('output');
  if (file === undefined) output.write(text);
  else writeFile(file, text);
  return 0;
}

function readFormat(flags: Flags<keyof typeof DIAGRAM_FLAGS>): string {
  const format = flags.value('format') ?? 'mermaid';
  if (FORMATS.includes(format)) return format;
  throw new UsageError(unknownWord(`diagram: --format: unknown format ${JSON.stringify(format)}`, format, FORMATS));
}

function routersText(routers: readonly Router[], format: string): string {
  const picture = routersPicture(routers);
  return format === 'svg' ? svgText(picture) : mermaidText(picture);
}

function fleetText(routers: readonly Router[], format: string): string {
  return format === 'svg' ? svgText(fleetPicture(routers)) : fittingMermaid((most) => fleetPicture(routers, most));
}

function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`--output: ${file}: cannot be written (${code}); accepted: a file in an existing folder`);
  }
}
