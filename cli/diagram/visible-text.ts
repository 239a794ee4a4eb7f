/**
 * A name as it can be shown: manifests may hold what no reader of SVG takes (control characters, halves of a character), and what
 * turns the text around it (marks of writing direction).
 */
export function visibleText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '\u{fffd}');
}

/** The first of many lines, and how many there are beside them. */
export function firstLines(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`];
}
