import type { Field } from '../../src/domain/input/decoder';

/** Reads the id of something in OpenStack, such as a port. Canonical: lower case, with hyphens. */
export function readUuid(field: Field, meaning: string): string | undefined {
  const accepted = `${meaning}, a UUID such as "7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90"`;
  const text = field.text(accepted);
  if (text === undefined) return undefined;
  const digits = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits) || ![32, 36].includes(text.length)) return field.refuse('is not a UUID', accepted);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
