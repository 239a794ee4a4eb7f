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

/** Exit codes other than 0, and 2 for invalid arguments. */
const [FINDINGS, UNFINISHED, MISUSE] = [1, 3, 2];

/** Time for the report: on a busy node up to one and a half times the time that this process has taken so far. */
const reserve = (milliseconds: number) => 300 + 1.5 * milliseconds;

/**
 * `egress-router doctor` finds out why a router does not work, in its pod or on its node. The examination runs in a
 * child process, which the kernel may block for any time, so that this one answers in time.
 *
 * @returns the exit code: 1 for findings, 3 for none if some parts could not be examined in time
 * @throws UsageError if it is unclear which router to examine
 */
export async function doctor(args: readonly string[]): Promise<number> {
  goFirst();
  const flags: DoctorFlags = readFlags('doctor', args, DOCTOR_FLAGS);
  const { choice, milliseconds, destination } = doctorOptions(flags);
  if (flags.has('parts')) {
    await streamParts(choice, destination, milliseconds);
    return 0;
  }
  // Measured from the start of this process.
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
 * Raises our priority: doctor needs 50 ms of processor time, and overloaded nodes are where it is run. Requires root.
 */
function goFirst(): void {
  const URGENT = -15;
  try {
    setPriority(URGENT);
  } catch {
    // Without permission the priority stays.
  }
}

function missingNeeds({ end }: ExaminationOutput): string {
  return end === 'time' ? MORE_TIME : `another attempt; the examination ended with ${end}`;
}

function exitCode({ findings, notExamined }: Examination): number {
  if (findings.length > 0) return FINDINGS;
  return notExamined.some(({ isCutOff }) => isCutOff) ? UNFINISHED : 0;
}
