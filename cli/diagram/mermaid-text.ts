import { COLOURS } from './colours';
import type { Picture, PictureGroup, PictureNode } from './picture';

/**
 * The picture as Mermaid text, for a Markdown file.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaidText(picture: Picture): string {
  const lines = [
    'flowchart LR',
    `accTitle: ${escaped(picture.title)}`,
    `accDescr: ${escaped(picture.description)}`,
    ...content(picture, undefined, ''),
    ...picture.edges.map(({ from, to }) => `${from} --> ${to}`),
    ...kindLines(picture),
  ];
  return lines.map((line, index) => `${index === 0 ? '' : '  '}${line}\n`).join('');
}

/** Mermaid's default limit, which GitHub does not raise. */
const LONGEST = 50_000;

/** The picture with as many items in each node as Mermaid accepts. */
export function fittingMermaid(picture: (mostItems: number) => Picture): string {
  const all = picture(Number.POSITIVE_INFINITY);
  let text = mermaidText(all);
  let most = Math.max(...all.nodes.map(({ items = [] }) => items.length));
  while (text.length > LONGEST && most > 1) {
    most = Math.ceil(most / 2);
    text = mermaidText(picture(most));
  }
  return text;
}

/** The content of a group, or what is outside of every group. */
function content(picture: Picture, group: string | undefined, indent: string): string[] {
  const nodes = picture.nodes.filter(({ within }) => within === group).map((node) => `${indent}${nodeText(node)}`);
  const groups = picture.groups.filter(({ within }) => within === group);
  return [...nodes, ...groups.flatMap((inner) => groupLines(picture, inner, indent))];
}

function groupLines(picture: Picture, { id, title }: PictureGroup, indent: string): string[] {
  return [`${indent}subgraph ${id}["${escaped(title)}"]`, ...content(picture, id, `${indent}  `), `${indent}end`];
}

function nodeText({ id, caption, title, lines, items = [] }: PictureNode): string {
  const parts = [caption, ...(title === undefined ? [] : [title]), ...lines, ...items];
  return `${id}["${parts.map(escaped).join('<br>')}"]`;
}

/** Borders only: the background follows the reader's theme, light or dark. */
function kindLines({ nodes }: Picture): string[] {
  const kinds = [...new Set(nodes.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => [
    `classDef ${kind} stroke:${COLOURS[kind].light.border},stroke-width:2px`,
    `class ${nodes
      .filter((node) => node.kind === kind)
      .map(({ id }) => id)
      .join(',')} ${kind}`,
  ]);
}

/** Escapes every character that has a meaning in Mermaid or in the HTML that it generates. */
function escaped(text: string): string {
  // Mermaid breaks the line at a backslash and an n, however the backslash is escaped: a zero-width space separates
  // them.
  const parted = text.replaceAll('\\n', '\\\u200bn');
  return parted.replaceAll(/[^\p{L}\p{M}\p{N} .:/,=()→…–!-]/gu, (character) => `#${character.codePointAt(0)};`);
}
