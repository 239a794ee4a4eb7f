import { setPriority } from 'node:os';
import { readFlags } from '../../cli/flags';
import { diagnosis } from '../doctor/diagnosis';
import type { Examination } from '../doctor/examination';
import { type ExaminationOutput, examineInTime } from '../doctor/examine-in-time';
import { reportJson, reportText } from '../doctor/report';
import { streamParts } from '../doctor/stream-parts';
import { MORE_TIME } from '../doctor/time-limit';
import { writeStandardOutput } from '../protocol/standard-streams';
import { childArguments, DOCTOR_FLAGS, type DoctorFlags, doctorOptions } from './doctor-flags';

/** Exit codes beside 0, and 2 for a misuse. */
const [FINDINGS, UNFINISHED, MISUSE] = [1, 3, 2];

/** For the report: on a node that is busy, at most half as much again as this process has taken to get as far. */
const reserve = (milliseconds: number) => 300 + 1.5 * milliseconds;

/**
 * `egress-router doctor`: what is wrong with a router, in its pod or on its node. The examination is another process of this program: the
 * kernel may hold it up for as long as it likes, and this one answers in time.
 *
 * @returns the exit code: 1 when anything is wrong, 3 when nothing was found and not everything could be looked at in time
 * @throws UsageError where it does not know what to look at
 */
export async function doctor(args: readonly string[]): Promise<number> {
  goFirst();
  const flags: DoctorFlags = readFlags('doctor', args, DOCTOR_FLAGS);
  const { choice, milliseconds, destination } = doctorOptions(flags);
  if (flags.has('parts')) {
    streamParts(choice, destination, milliseconds);
    return 0;
  }
  // Of this process' life.
  const elapsed = performance.now();
  const output = await examineInTime(childArguments(flags), Math.max(0, milliseconds - elapsed - reserve(elapsed)));
  if (output.stderr !== '') process.stderr.write(output.stderr);
  if (output.end === MISUSE) return MISUSE;
  const examination = diagnosis(output.results, missingNeeds(output));
  const report = flags.has('json') ? reportJson : reportText;
  writeStandardOutput(report(output.router ?? choice.router ?? 'the router', examination));
  return exitCode(examination);
}

/**
 * A node that has more work than processors is one of those that are examined: it takes a twentieth of a second of processor time, and
 * gets that soon. Only root may.
 */
function goFirst(): void {
  const URGENT = -15;
  try {
    setPriority(URGENT);
  } catch {
    // Then it waits for its turn.
  }
}

function missingNeeds({ end }: ExaminationOutput): string {
  return end === 'time' ? MORE_TIME : `another attempt; the examination ended with ${end}`;
}

function exitCode({ findings, notExamined }: Examination): number {
  if (findings.length > 0) return FINDINGS;
  return notExamined.some(({ isCutOff }) => isCutOff) ? UNFINISHED : 0;
}
