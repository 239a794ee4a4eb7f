import { printableText } from '../../../src/domain/input/printable-text';

/** Makes a server's text safe for messages: one printable line with at most 300 of its characters. */
export function serverText(text: unknown): string {
  return typeof text === 'string' ? printableText(text.slice(0, MOST).replaceAll(/\s+/g, ' ')) : '';
}

/** Characters that are looked at, of an answer that may have megabytes. */
const MOST = 1200;

/** Replaces the secrets of a request in each text of its answer: servers and proxies may send a request back. */
export function withoutSecrets(answer: unknown, secrets: readonly string[]): unknown {
  const known = secrets.filter((secret) => secret !== '').flatMap(spellings);
  if (known.length === 0) return answer;
  const hide = (text: string) => known.reduce((rest, secret) => rest.replaceAll(secret, '(hidden)'), text);
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return hide(value);
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [hide(key), visit(member)]));
  };
  return visit(answer);
}

/** As it is, in JSON and in an address. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString())];
}
