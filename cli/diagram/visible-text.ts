/**
 * Makes a name safe to show: manifests may contain control characters and lone surrogates, which SVG readers reject,
 * and direction marks, which reverse the text around them.
 */
export function visibleText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '\u{fffd}');
}

/** The first of many lines, and the number of the others. */
export function firstLines(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`];
}
