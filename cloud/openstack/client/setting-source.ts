import type { Field } from '../../../src/domain/input/decoder';

/** The source of settings: a cloud of clouds.yaml, or the variables. */
export interface SettingSource {
  /** A setting of the cloud, such as `region_name`. */
  setting(key: string): Field;
  /** A setting of its section `auth`, such as `username`. */
  auth(key: string): Field;
}

/** Reads the address of a service, which must not contain credentials: messages show addresses. */
export function readUrl(field: Field): string | undefined {
  const accepted = 'an address such as "https://keystone.example.org:5000/v3"';
  const text = field.text(accepted);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return field.refuse('is not the address of a service', accepted);
  if (url.username !== '' || url.password !== '') {
    return field.withValue('(hidden)').refuse('carries credentials', accepted);
  }
  return text.replace(/\/+$/, '');
}

/** Reads a text that messages never show. */
export function readSecret(field: Field, accepted: string): string | undefined {
  if (typeof field.value === 'string' && field.value !== '') return field.value;
  return field.isGiven
    ? field.withValue('(hidden)').refuse('is not a string', accepted)
    : field.withValue(undefined).refuse('is missing', accepted);
}

/** Rejects a section that is not a table. Its value is not shown: it may be a list of secrets. */
export function checkSection(field: Field): void {
  field.given(({ value }) =>
    typeof value === 'object' && !Array.isArray(value)
      ? undefined
      : field.withValue('(hidden)').refuse('is not a table', 'a table of settings'),
  );
}

/** A table or list without its content, for messages: a wrong indentation can move a password into another setting. */
export function withoutMembers(field: Field): Field {
  const { value } = field;
  if (typeof value !== 'object' || value === null) return field;
  if (Array.isArray(value)) return field.withValue(value.map(() => '(hidden)'));
  return field.withValue(Object.fromEntries(Object.keys(value).map((key) => [key, '(hidden)'])));
}
