import { valueText } from './value-text';

/** One invalid value: its path, the value, the problem, and what is accepted. */
export interface Issue {
  /** Path of the field, such as `redirectRules[2].port`. */
  readonly path: string;
  /** The given value; `undefined` if it is missing. */
  readonly value: unknown;
  /** A predicate that completes the sentence "VALUE …", such as `is not a port number`. */
  readonly problem: string;
  /** What is accepted. */
  readonly accepted: string;
}

/** The issue in one line: `addresses[0].ip: "10.0.0.1" has no prefix length; accepted: …`. */
export function issueText(issue: Issue): string {
  return `${issue.path || '(the whole input)'}: ${valueText(issue.value)} ${issue.problem}; accepted: ${issue.accepted}`;
}

/** Invalid input, with every issue found. */
export class ConfigError extends Error {
  /**
   * @param issues every issue of the input
   * @param where names the input, before each line of the message
   */
  public constructor(
    public readonly issues: readonly Issue[],
    where = '',
  ) {
    super(issues.map((issue) => `${where === '' ? '' : `[${where}] `}${issueText(issue)}`).join('\n'));
    this.name = 'ConfigError';
  }
}
