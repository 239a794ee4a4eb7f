import { printableText } from './printable-text';

/** Characters: a message stays readable if its value is a whole file. */
const LONGEST = 120;

/**
 * An invalid value as JSON, truncated if it is long, with escapes for characters that change a terminal. Values that
 * JSON lacks are shown, too: NaN, a bigint, a symbol, a circular reference. Only the shown part of a value is read.
 */
export function valueText(value: unknown): string {
  if (value === undefined) return '(nothing)';
  try {
    let text = '';
    for (const piece of pieces(value)) {
      text += piece;
      if (text.length > LONGEST) break;
    }
    return printableText(text, LONGEST);
  } catch {
    return '(a value that cannot be read)';
  }
}

/** Like `JSON.stringify`, but lazy: that one walks all of ten thousand rules, and fails on deeply nested lists. */
function* pieces(given: unknown): Generator<string> {
  const quantity = quantityText(given);
  const value = represented(given);
  if (quantity !== undefined) yield quantity;
  else if (Array.isArray(value)) {
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

/** A duration or a size of cdk8s as a reader writes it, `3 minutes` or `500Mi`: its JSON is a table of its unit. */
function quantityText(value: unknown): string | undefined {
  const { toHumanString, asString } = (value ?? {}) as Partial<Record<'toHumanString' | 'asString', unknown>>;
  const text = toHumanString ?? asString;
  return typeof text === 'function' ? printableText(String(text.call(value)), LONGEST) : undefined;
}

/** A value's own `toJSON`, such as a date's; a construct's path, because it holds the whole tree. */
function represented(value: unknown): unknown {
  const { toJSON, node } = (value ?? {}) as { readonly toJSON?: unknown; readonly node?: { readonly path?: unknown } };
  if (typeof node?.path === 'string') return node.path;
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST)) : String(value);
}
