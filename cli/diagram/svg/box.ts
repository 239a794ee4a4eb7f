import type { Picture, PictureNode } from '../picture';
import { placesOf, widthOf, wrapped } from './text-lines';

/** The style of a text: its class in the style sheet, and its size in pixels. */
export const STYLES = {
  caption: { size: 11, lineHeight: 16 },
  title: { size: 13, lineHeight: 19 },
  line: { size: 13, lineHeight: 18 },
} as const;
export type TextStyle = keyof typeof STYLES;

/** A line of text; `y` is that of its baseline. */
export interface PlacedText {
  readonly text: string;
  readonly style: TextStyle;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Texts in coordinates of their container, and the size that they need. */
export interface Box {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly PlacedText[];
}

const PADDING = { x: 12, top: 7, bottom: 9 };
const COLUMN_GAP = 18;
const SPACE_BEFORE_ITEMS = 6;

/** Space between a group's title and its content. */
export const TITLE_ROOM = 10;

/**
 * Approximate line lengths: in one column, in several, and above the nodes of a group. Longer items make wider nodes.
 */
const NARROW = 21;
const WIDE = 40;
const GROUP_TITLE = 34;

/** The number of columns: more items make wider boxes, so that the picture keeps its shape. */
export function columnsFor({ nodes }: Picture): number {
  const items = nodes.reduce((sum, node) => sum + (node.items?.length ?? 0), 0);
  return Math.min(6, Math.max(1, Math.round(Math.sqrt(items / 20))));
}

export function boxOf({ caption, title, lines, items = [] }: PictureNode, columns: number): Box {
  // Items make a box that is wide anyway.
  const room = Math.max(columns === 1 ? NARROW : WIDE, Math.min(columns, items.length) * widest(items));
  const broken = (text: string) => wrapped(text, room);
  const head: Line[] = [
    ...styled('caption', broken(caption)),
    ...styled('title', title === undefined ? [] : broken(title)),
    ...styled('line', lines.flatMap(broken)),
  ];
  const top = textsOf(head, PADDING.x, PADDING.top);
  const below = itemTexts(items, columns, top.bottom + SPACE_BEFORE_ITEMS);
  const texts = [...top.texts, ...below.texts];
  return {
    width: Math.ceil(rightOf(texts) + PADDING.x),
    height: Math.ceil((items.length === 0 ? top.bottom : below.bottom) + PADDING.bottom),
    texts,
  };
}

/** The title of a group. */
export function titleBox(title: string): Box {
  const { texts, bottom } = textsOf(styled('caption', wrapped(title, GROUP_TITLE)), TITLE_ROOM, TITLE_ROOM / 2);
  return { width: rightOf(texts), height: bottom, texts };
}

type Line = readonly [style: TextStyle, text: string];

function styled(style: TextStyle, lines: readonly string[]): Line[] {
  return lines.map((text) => [style, text]);
}

interface Column {
  readonly texts: readonly PlacedText[];
  readonly bottom: number;
}

/** Lines below each other. */
function textsOf(lines: readonly Line[], x: number, top: number): Column {
  let bottom = top;
  const texts = lines.map(([style, text]) => {
    const { size, lineHeight } = STYLES[style];
    bottom += lineHeight;
    // Descenders take a fifth of the font size.
    return { text, style, x, y: bottom - (lineHeight - size) / 2 - size / 5, width: widthOf(text, size) };
  });
  return { texts, bottom };
}

/** Fills column by column, as ls does. */
function itemTexts(items: readonly string[], columns: number, top: number): Column {
  const rows = Math.ceil(items.length / columns);
  const step = widthOf(' '.repeat(widest(items)), STYLES.line.size) + COLUMN_GAP;
  const placed = Array.from({ length: items.length === 0 ? 0 : columns }, (_, column) =>
    textsOf(styled('line', items.slice(column * rows, (column + 1) * rows)), PADDING.x + column * step, top),
  );
  return {
    texts: placed.flatMap(({ texts }) => texts),
    bottom: Math.max(top, ...placed.map(({ bottom }) => bottom)),
  };
}

function widest(items: readonly string[]): number {
  return Math.max(0, ...items.map(placesOf));
}

function rightOf(texts: readonly PlacedText[]): number {
  return Math.max(...texts.map(({ x, width }) => x + width));
}
