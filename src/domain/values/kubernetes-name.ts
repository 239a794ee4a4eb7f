import type { Field } from '../input/decoder';

const SERVICE_NAME =
  'a DNS-1035 label: lower-case letters, digits and "-", beginning with a letter, ending with a letter or digit, at most 63';
const LABEL =
  'a DNS-1123 label: lower-case letters, digits and "-", beginning and ending with a letter or digit, at most 63';

/**
 * Reads the name of a router or of its Service. They share a name, and a Service has the strictest rule.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
 */
export function readServiceName(field: Field): string | undefined {
  const name = field.text(SERVICE_NAME);
  if (name === undefined) return undefined;
  return /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? name : field.refuse(wrongWith(name), SERVICE_NAME);
}

/** Reads the name of a namespace, or of a Service's port. */
export function readLabel(field: Field): string | undefined {
  const name = field.text(LABEL);
  if (name === undefined) return undefined;
  return isLabel(name) ? name : field.refuse(wrongWith(name), LABEL);
}

/** Whether a text is a DNS-1123 label, as a namespace's name. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** Reads the name of an object of a kind without stricter rules, such as a custom resource. */
export function readSubdomain(field: Field): string | undefined {
  const accepted =
    'a DNS-1123 subdomain: labels of lower-case letters, digits and "-" with "." between them, at most 253 characters';
  const name = field.text(accepted);
  if (name === undefined) return undefined;
  return isSubdomain(name) ? name : field.refuse('is not such a name', accepted);
}

/** Whether a text is a DNS-1123 subdomain. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

function wrongWith(name: string): string {
  return name.length > 63 ? `has ${name.length} characters` : 'is not such a name';
}
