import { valueText } from './value-text';

/** One refused value: where it stands, what it was, what is wrong with it, and what would have been accepted. */
export interface Issue {
  /** Path of the field, such as `redirectRules[2].port`. */
  readonly path: string;
  /** The value as it was given; `undefined` when it is missing. */
  readonly value: unknown;
  /** A predicate that completes the sentence "VALUE …", such as `is not a port number`. */
  readonly problem: string;
  /** What would have been accepted. */
  readonly accepted: string;
}

/** The issue in one line: `addresses[0].ip: "10.0.0.1" has no prefix length; accepted: …`. */
export function issueText(issue: Issue): string {
  return `${issue.path || '(the whole input)'}: ${valueText(issue.value)} ${issue.problem}; accepted: ${issue.accepted}`;
}

/** Bad input. Carries every issue found, not only the first. */
export class ConfigError extends Error {
  /**
   * @param issues what was refused
   * @param where whose input it was, before each line of the message
   */
  public constructor(
    public readonly issues: readonly Issue[],
    where = '',
  ) {
    super(issues.map((issue) => `${where === '' ? '' : `[${where}] `}${issueText(issue)}`).join('\n'));
    this.name = 'ConfigError';
  }
}
