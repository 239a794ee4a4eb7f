import { isLazy } from '../domain/input/decoder';

/** An operation of RFC 6902, as cdk8s' JsonPatch holds it. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Why an operation cannot be applied to a document. */
export interface Misfit {
  readonly reason: string;
  /** Whether no other spelling of the document's fields would help. */
  readonly isFinal: boolean;
}

/**
 * Checks an operation as RFC 6902 has it: cdk8s' own application sets fields that `replace` does not find, and elements
 * beyond the end of a list.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6902#section-4
 */
export function misfitOf(document: unknown, { op, path, from, value }: Operation): Misfit | undefined {
  for (const pointer of [path, ...(from === undefined ? [] : [from])]) {
    if (pointer !== '' && !pointer.startsWith('/'))
      return final(`the path ${JSON.stringify(pointer)} does not begin with "/"`);
  }
  if (holdsLazy(value)) return final('its value is a Lazy value, which patches do not resolve');
  if (from !== undefined && !exists(document, from)) return missing(from);
  const { parent, key } = parentOf(document, path);
  if (parent === undefined) return missing(path.slice(0, path.lastIndexOf('/')));
  if (Array.isArray(parent)) return misfitOfIndex(parent, key, op);
  if (op === 'add' || op === 'move' || op === 'copy' || exists(document, path)) return undefined;
  return missing(path);
}

function misfitOfIndex(list: readonly unknown[], key: string, op: string): Misfit | undefined {
  const isInsertion = op === 'add' || op === 'move' || op === 'copy';
  if (isInsertion && key === '-') return undefined;
  const last = isInsertion ? list.length : list.length - 1;
  const isIndex = /^(0|[1-9]\d*)$/.test(key) && Number(key) <= last;
  return isIndex ? undefined : final(`${JSON.stringify(key)} is not an index of a list of ${list.length} elements`);
}

/** Whether a document has a value at a JSON pointer. */
export function exists(document: unknown, pointer: string): boolean {
  if (pointer === '') return true;
  const { parent, key } = parentOf(document, pointer);
  return parent !== undefined && Object.hasOwn(parent, key);
}

/** The object or list that holds the value at a pointer, and the value's key. */
function parentOf(document: unknown, pointer: string): { readonly parent: object | undefined; readonly key: string } {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = keys.pop() ?? '';
  // The document itself: every operation fits.
  if (pointer === '') return { parent: { '': document }, key };
  let value = document;
  for (const step of keys) {
    const holder = objectOf(value);
    value = holder !== undefined && Object.hasOwn(holder, step) ? (holder as Record<string, unknown>)[step] : undefined;
  }
  return { parent: objectOf(value), key };
}

function objectOf(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function holdsLazy(value: unknown): boolean {
  if (isLazy(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLazy);
}

function missing(pointer: string): Misfit {
  return { reason: `there is nothing at ${pointer}`, isFinal: false };
}

function final(reason: string): Misfit {
  return { reason, isFinal: true };
}
