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

const LONGEST_VALUE = 120;

function valueText(value: unknown): string {
  if (value === undefined) return '(nothing)';
  const text = typeof value === 'bigint' || typeof value === 'function' ? String(value) : json(value);
  return shorten(text);
}

/** Keeps a message readable when the value in it is a file that landed in the wrong place. */
export function shorten(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** NaN and the infinities are `null` in JSON; a cyclic object has no JSON at all. */
function json(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
