const LONGEST = 120;

/**
 * A refused value as JSON, cut where it gets long. What JSON has no words for is shown all the same: NaN, a bigint, a symbol, a value that
 * holds itself. No more of a value is looked at than is shown.
 */
export function valueText(value: unknown): string {
  if (value === undefined) return '(nothing)';
  try {
    let text = '';
    for (const piece of pieces(value)) {
      text += piece;
      if (text.length > LONGEST) break;
    }
    return shorten(text);
  } catch {
    return '(a value that cannot be read)';
  }
}

/** Keeps a message readable when the value in it is a file that landed in the wrong place. */
export function shorten(text: string): string {
  if (text.length <= LONGEST) return text;
  // Half of a character that takes two places would be none.
  return `${text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** As `JSON.stringify`, piece by piece: that one goes to the end of ten thousand rules, and fails at the thousandth list within a list. */
function* pieces(given: unknown): Generator<string> {
  const value = represented(given);
  if (Array.isArray(value)) {
    yield '[';
    for (let index = 0; index < value.length; index++) {
      if (index > 0) yield ',';
      yield* pieces(value[index] ?? null);
    }
    yield ']';
  } else if (typeof value === 'object' && value !== null) {
    yield* members(value as Readonly<Record<string, unknown>>);
  } else {
    yield scalar(value);
  }
}

function* members(object: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '';
  yield '{';
  for (const key of Object.keys(object)) {
    const member = object[key];
    if (member === undefined) continue;
    yield `${separator}${scalar(key)}:`;
    yield* pieces(member);
    separator = ',';
  }
  yield '}';
}

/** What a value says of itself, such as a date. */
function represented(value: unknown): unknown {
  const { toJSON } = (value ?? {}) as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST)) : String(value);
}
