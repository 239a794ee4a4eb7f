const LONGEST = 300;

/**
 * Makes a server's text safe for messages: one line, without control characters, which terminals obey, and at most 300
 * characters.
 */
export function serverText(text: unknown): string {
  if (typeof text !== 'string') return '';
  const line = text.slice(0, 4 * LONGEST).replaceAll(/\s+/g, ' ');
  const shown = line.slice(0, LONGEST).replaceAll(/\p{C}/gu, '\u{fffd}');
  return line.length <= LONGEST ? shown : `${shown} … (shortened)`;
}

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
