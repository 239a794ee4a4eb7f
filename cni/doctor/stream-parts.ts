import { UsageError } from '../../cli/flags';
import { NamespaceError } from '../netns/namespace';
import { writeStandardOutput } from '../protocol/standard-streams';
import { ServeError } from '../serve/serve-error';
import type { PartResult } from './examination';
import { examine, unexamined } from './examine-parts';
import { findRouter, type RouterChoice } from './find-router';
import type { Subject } from './subject';
import { TimeLimit } from './time-limit';
import type { Destination } from './wire/destination';

/** A line of the stream: first the router, then the result of each part. */
export type PartLine = { readonly router: string } | PartResult;

/**
 * `egress-router doctor --parts`: examines a router, and writes each part's result to standard output as soon as it is
 * known.
 *
 * @throws UsageError if no router or several are found
 */
export async function streamParts(
  choice: RouterChoice,
  destination: Destination | undefined,
  milliseconds: number,
): Promise<void> {
  const time = TimeLimit.in(milliseconds);
  try {
    const subject = findRouter(choice);
    const isKnown = 'plane' in subject;
    if (isKnown && destination !== undefined) requireFamily(subject, destination);
    writeLine({ router: subject.router });
    for await (const result of isKnown ? examine(subject, time, destination) : unexamined(subject.mistakes))
      writeLine(result);
  } catch (error) {
    if (error instanceof NamespaceError) {
      throw new UsageError(`doctor: ${choice.netns === undefined ? '' : '--netns: '}${error.message}`);
    }
    throw error instanceof ServeError ? new UsageError(`doctor: ${error.message}`) : error;
  }
}

/** Writes without a buffer, because the parent process kills this one at the time limit. */
function writeLine(line: PartLine): void {
  writeStandardOutput(JSON.stringify(line));
}

function requireFamily({ config }: Subject, { address }: Destination): void {
  if (config.addresses.some(({ cidr }) => cidr.address.family === address.family)) return;
  const own = config.addresses.map(({ cidr }) => cidr.address.text).join(', ');
  throw new UsageError(
    `doctor: --destination: ${address.text} is an IPv${address.family} address, and the router has only ${own}`,
  );
}
