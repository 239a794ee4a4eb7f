/** The most characters of a text that another host, program or user chose. */
const LONGEST = 300;

/** Characters that change what a terminal shows: controls, formats such as bidi overrides, line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text of another host, program or user for one line of a log, an error or a terminal: truncated if it is long, with
 * escapes such as `\u001b` for characters that are not printable.
 *
 * @param longest in characters
 */
export function printableText(text: string, longest: number = LONGEST): string {
  if (text.length <= longest) return escapeUnprintable(text);
  // Do not cut a surrogate pair in half.
  return `${escapeUnprintable(text.slice(0, longest).replace(/[\ud800-\udbff]$/, ''))}…`;
}

/**
 * The same for a text of several lines.
 *
 * @param most lines, each with at most `longest` characters; the rest are counted
 */
export function printableLines(text: string, most = 100, longest = 4000): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, most).map((line) => printableText(line, longest));
  return [...shown, ...(lines.length > most ? [`and ${lines.length - most} more`] : [])].join('\n');
}

/** Escapes as JSON has them, so that JSON keeps its meaning. */
export function escapeUnprintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
