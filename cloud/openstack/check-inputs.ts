import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';

/** The engine's placeholder of a value that is not known before the deployment. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

interface CheckedInputs {
  readonly inputs: Record<string, unknown>;
  readonly failures: { readonly property: string; readonly reason: string }[];
}

/** Reads the inputs of a resource into canonical text, each with its reader; unknown ones stay. */
export function checkInputs(
  news: Record<string, unknown>,
  readers: Readonly<Record<string, (field: Field) => unknown>>,
): CheckedInputs {
  const issues: Issue[] = [];
  const root = Field.root(news, issues);
  const inputs: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) {
    const value = news[name] === UNKNOWN ? UNKNOWN : read(root.member(name));
    if (value !== undefined) inputs[name] = value;
  }
  return { inputs, failures: issues.map((issue) => ({ property: issue.path, reason: issueText(issue) })) };
}
