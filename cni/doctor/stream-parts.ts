import { UsageError } from '../../cli/command-line/usage-error';
import type { DoctorFlags } from '../commands/doctor-flags';
import { NamespaceError } from '../netns/namespace';
import { writeStandardOutput } from '../protocol/standard-streams';
import { ServeError } from '../serve/serve-error';
import type { PartResult } from './examination';
import { examine, unexamined } from './examine-parts';
import { examinedRouter } from './find-router';
import type { Subject } from './subject';
import { TimeLimit } from './time-limit';
import type { Destination } from './wire/destination';

/** First which router it is, then what each part came to. */
export type Line = { readonly router: string } | PartResult;

/**
 * `egress-router doctor --parts`
 *
 * @returns the exit code
 * @throws UsageError where it does not know what to look at
 */
export function tellParts(flags: DoctorFlags, destination: Destination | undefined, milliseconds: number): number {
  const time = TimeLimit.in(milliseconds);
  try {
    const subject = examinedRouter(flags);
    const isKnown = 'plane' in subject;
    if (isKnown && destination !== undefined) requireFamily(subject, destination);
    tell({ router: subject.router });
    for (const result of isKnown ? examine(subject, time, destination) : unexamined(subject.mistakes)) tell(result);
    return 0;
  } catch (error) {
    if (error instanceof NamespaceError) {
      throw new UsageError(`doctor: ${flags.value('netns') === undefined ? '' : '--netns: '}${error.message}`);
    }
    throw error instanceof ServeError ? new UsageError(`doctor: ${error.message}`) : error;
  }
}

/** At once: whoever listens may end this process at any moment. */
function tell(line: Line): void {
  writeStandardOutput(JSON.stringify(line));
}

function requireFamily({ config }: Subject, { address }: Destination): void {
  if (config.addresses.some(({ cidr }) => cidr.address.family === address.family)) return;
  const own = config.addresses.map(({ cidr }) => cidr.address.text).join(', ');
  throw new UsageError(
    `doctor: --destination: ${address.text} is an IPv${address.family} address, and the router has only ${own}`,
  );
}
