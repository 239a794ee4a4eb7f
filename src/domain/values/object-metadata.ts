import { type Field, isLazy } from '../input/decoder';
import { isSubdomain } from './kubernetes-name';

const LABEL_VALUE =
  'a label value: text of at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, or ""';
const KEY = 'a qualified name: an optional DNS subdomain and "/", then at most 63 letters, digits, "-", "_" and "."';

/**
 * Checks labels and annotations as the API server does.
 *
 * @param reserved labels that the router sets for its own selectors
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function checkObjectMetadata(metadata: Field, reserved: readonly string[]): void {
  metadata.isObjectOf(['name', 'namespace', 'labels', 'annotations']);
  checkLabels(metadata.member('labels'), reserved);
  checkAnnotations(metadata.member('annotations'));
}

/** Checks labels as the API server does. */
export function checkLabels(labels: Field, reserved: readonly string[] = []): void {
  for (const label of membersOf(labels)) {
    checkKey(label);
    const { value } = label.field;
    if (reserved.includes(label.key)) label.field.refuse('is a label that the router sets', 'any other label');
    else if (isLazy(value)) continue;
    else if (typeof value !== 'string') label.field.refuse('is not a string', LABEL_VALUE);
    else if (value !== '' && !isQualified(value)) label.field.refuse('is not a label value', LABEL_VALUE);
  }
}

/** Checks annotations as the API server does. */
export function checkAnnotations(annotations: Field): void {
  for (const annotation of membersOf(annotations)) {
    checkKey(annotation);
    const { value } = annotation.field;
    if (typeof value !== 'string' && !isLazy(value)) annotation.field.refuse('is not a string', 'a string');
  }
}

interface Member {
  readonly key: string;
  readonly field: Field;
}

function membersOf(map: Field): Member[] {
  if (!map.isPresent || !map.isObject()) return [];
  return Object.keys(map.value as object).map((key) => ({ key, field: map.member(key) }));
}

function checkKey({ key, field }: Member): void {
  const slash = key.indexOf('/');
  const isPrefixed = slash < 0 || isSubdomain(key.slice(0, slash));
  if (!isPrefixed || !isQualified(key.slice(slash + 1))) field.refuse('has a key that is not a qualified name', KEY);
}

/** Whether a text is a label's value, or a key without prefix. */
export function isQualified(text: string): boolean {
  return /^[a-z0-9]([-\w.]{0,61}[a-z0-9])?$/i.test(text);
}
