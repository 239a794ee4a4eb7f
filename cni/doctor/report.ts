import { escapeUnprintable, printableLines } from '../../src/domain/input/printable-text';
import type { Examination } from './examination';
import type { Finding } from './finding';

/** An examination for people. Others choose the names of interfaces and processes, which go to root's terminal. */
export function reportText(router: string, { findings, notExamined }: Examination): string {
  const lines = [
    `${router}: ${summary(
      findings.length,
      notExamined.some(({ isCutOff }) => isCutOff),
    )}`,
    ...findings.flatMap((finding, index) => ['', ...findingLines(finding, index + 1)]),
    ...(notExamined.length === 0 ? [] : ['', 'Not examined:']),
    ...notExamined.map(({ what, needs }) => `  ${what} (needs ${needs})`),
  ];
  return printableLines(lines.join('\n'), Number.POSITIVE_INFINITY);
}

function findingLines({ id, problem, details = [], explanation, commands }: Finding, number: number): string[] {
  return [
    `${number}. ${problem}   [${id}]`,
    ...details.slice(0, MOST_DETAILS).map((detail) => `     ${detail}`),
    ...(details.length > MOST_DETAILS ? [`     and ${details.length - MOST_DETAILS} more`] : []),
    `   ${explanation}`,
    ...commands.map((command) => `   $ ${command}`),
  ];
}

const MOST_DETAILS = 10;

function summary(findings: number, isCutOff: boolean): string {
  if (findings === 0) return isCutOff ? 'no finding in the examined parts' : 'no finding';
  return findings === 1 ? 'one finding' : `${findings} findings, most likely cause first`;
}

/** The same for programs. */
export function reportJson(router: string, { findings, notExamined }: Examination): string {
  return JSON.stringify({ router, findings, notExamined }, undefined, 2).replaceAll(/[^\n]+/g, escapeUnprintable);
}
