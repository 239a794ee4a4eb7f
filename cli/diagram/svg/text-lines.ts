/**
 * Text widths without a browser. The font is monospaced and each text carries its length, so that a browser with a
 * slightly wider or narrower font adjusts the spacing: a label fits its box with every font.
 */

/** Width of a character as a fraction of the font size, as in common monospaced fonts. */
const CHARACTER = 0.602;

/** East Asian characters and emoji are two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{3fffd}]/u;

/** In columns of one character. */
export function placesOf(text: string): number {
  return [...text].reduce((places, character) => places + (WIDE.test(character) ? 2 : 1), 0);
}

export function widthOf(text: string, fontSize: number): number {
  return placesOf(text) * CHARACTER * fontSize;
}

/** Longer words are broken; an IPv6 address with its prefix length fits. */
const LONGEST_WORD = 43;

/** Breaks a text into lines of about `preferred` columns. */
export function wrapped(text: string, preferred: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const { glue, part } of text.split(' ').flatMap((word) => partsOf(word, preferred))) {
    const joined = line === '' ? part : `${line}${glue}${part}`;
    if (line !== '' && placesOf(joined) > preferred) {
      lines.push(line);
      line = part;
    } else line = joined;
  }
  return [...lines, line];
}

/** Breaks a long word, preferably after punctuation. */
function partsOf(word: string, preferred: number): { readonly glue: string; readonly part: string }[] {
  const pieces =
    placesOf(word) <= LONGEST_WORD ? [word] : word.split(/(?<=[-/.:,=])/).flatMap((piece) => cut(piece, preferred));
  return pieces.map((part, index) => ({ glue: index === 0 ? ' ' : '', part }));
}

function cut(piece: string, preferred: number): string[] {
  const characters = [...piece];
  const length = placesOf(piece) > characters.length ? Math.floor(preferred / 2) : preferred;
  const count = Math.ceil(characters.length / length);
  return Array.from({ length: count }, (_, index) => characters.slice(index * length, (index + 1) * length).join(''));
}
