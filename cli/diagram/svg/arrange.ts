/// <reference path="./dagre.d.ts" />
import { Graph, layout, type OrderConstraint } from '@dagrejs/dagre';
import type { NodeKind, Picture, PictureNode } from '../picture';
import { type Box, boxOf, columnsFor, type PlacedText, TITLE_ROOM, titleBox } from './box';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its upper left corner, and its texts, in coordinates of the picture. */
export interface Placed extends Rectangle {
  readonly texts: readonly PlacedText[];
}

/** The layout in pixels; the rectangle is the whole picture. */
export interface Arrangement extends Rectangle {
  /** Outer groups first. */
  readonly groups: readonly Placed[];
  readonly nodes: readonly (Placed & Pick<PictureNode, 'kind'>)[];
  /** The points of each, from its start to its end. */
  readonly edges: readonly (readonly Point[])[];
}

/**
 * Nodes of these kinds stand below each other, and have one width: an arrow from a narrow one would cross its wider
 * neighbour.
 */
const LISTED: readonly NodeKind[] = ['service', 'destination', 'routers'];

const MARGIN = 16;
const BETWEEN_NODES = 18;
const BETWEEN_COLUMNS = 28;
const BETWEEN_LISTS = 90;

/** Arrows of one node spread between the columns: more space for each beyond a few, up to a limit. */
const FEW_ARROWS = 3;
const FOR_ARROW = 6;
const FOR_ARROWS = 140;

/** Lays out a picture from left to right. The layout is deterministic. */
export function arrange(picture: Picture): Arrangement {
  const columns = columnsFor(picture);
  const boxes = alike(picture.nodes, new Map(picture.nodes.map((node) => [node.id, boxOf(node, columns)])));
  const titles = new Map(picture.groups.map((group) => [group.id, titleBox(group.title)]));
  const graph = graphOf(picture, boxes, titles);
  layout(graph, { constraints: inOrder(picture) });
  const rectangle = (id: string) => cornered(graph.node(id));
  const nodes = picture.nodes.map(({ id, kind }) => ({ kind, ...withTexts(rectangle(id), boxes.get(id)!) }));
  const frames = tightened(picture, rectangle, titles);
  const groups = picture.groups.map(({ id }) => withTexts(frames.get(id)!, titles.get(id)!));
  return {
    ...around([...nodes, ...groups]),
    groups,
    nodes,
    edges: picture.edges.map(({ from, to }) =>
      wayOf(direct(rectangle(from), rectangle(to)), graph.edge(from, to).points.slice(1, -1), nodes),
    ),
  };
}

function graphOf(picture: Picture, boxes: ReadonlyMap<string, Box>, titles: ReadonlyMap<string, Box>): Graph {
  const { groups, nodes, edges } = picture;
  const graph = new Graph({ compound: true });
  // Distance of a group's border from its content and surroundings, with room for its title.
  const edgesep = Math.max(...[...titles.values()].map(({ height }) => height + TITLE_ROOM), BETWEEN_NODES);
  const between = nodes.some(({ kind }) => kind === 'routers') ? BETWEEN_LISTS : BETWEEN_COLUMNS;
  const ranksep = between + Math.min(FOR_ARROWS, FOR_ARROW * (mostArrows(picture) - FEW_ARROWS));
  graph.setGraph({ rankdir: 'LR', nodesep: BETWEEN_NODES, edgesep, ranksep });
  for (const { id } of groups) graph.setNode(id, {});
  for (const { id } of nodes) {
    const { width, height } = boxes.get(id)!;
    graph.setNode(id, { width, height });
  }
  for (const { id, within } of [...groups, ...nodes]) if (within !== undefined) graph.setParent(id, within);
  for (const { from, to } of edges) graph.setEdge(from, to, {});
  return graph;
}

/** Arrows of one node, on one side. */
function mostArrows({ edges }: Picture): number {
  const counts = new Map<string, number>();
  for (const side of edges.flatMap(({ from, to }) => [`from ${from}`, `to ${to}`])) {
    counts.set(side, (counts.get(side) ?? 0) + 1);
  }
  return Math.max(FEW_ARROWS, ...counts.values());
}

/** Gives the boxes of each listed kind one width. */
function alike(nodes: readonly PictureNode[], boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  const widest = (wanted: NodeKind) =>
    Math.max(...nodes.map(({ id, kind }) => (kind === wanted ? boxes.get(id)!.width : 0)));
  const widths = new Map(LISTED.map((kind) => [kind, widest(kind)]));
  return new Map(
    nodes.map(({ id, kind }) => [id, { ...boxes.get(id)!, width: widths.get(kind) ?? boxes.get(id)!.width }]),
  );
}

/** Keeps nodes of one kind in order: a sorted list is easier to read, and worth another crossing. */
function inOrder({ nodes }: Picture): OrderConstraint[] {
  return nodes.flatMap((node, index) =>
    nodes
      .slice(index + 1)
      .filter(({ kind, within }) => kind === node.kind && within === node.within)
      .map(({ id }) => ({ left: node.id, right: id })),
  );
}

/** Shrinks groups to their content: dagre reserves the space of the longest title for each. */
function tightened(
  { groups, nodes }: Picture,
  rectangle: (id: string) => Rectangle,
  titles: ReadonlyMap<string, Box>,
): Map<string, Rectangle> {
  const frames = new Map<string, Rectangle>();
  for (const { id } of [...groups].reverse()) {
    const held = [...groups, ...nodes].filter(({ within }) => within === id);
    const inner = held.map((item) => frames.get(item.id) ?? rectangle(item.id));
    const top = Math.min(...inner.map(({ y }) => y)) - titles.get(id)!.height - TITLE_ROOM / 2;
    const bottom = Math.max(...inner.map(({ y, height }) => y + height)) + TITLE_ROOM;
    frames.set(id, { ...rectangle(id), y: top, height: bottom - top });
  }
  return frames;
}

/** From the middle of one side to the middle of another. */
function direct(from: Rectangle, to: Rectangle): readonly [start: Point, end: Point] {
  return [
    { x: from.x + from.width, y: from.y + from.height / 2 },
    { x: to.x, y: to.y + to.height / 2 },
  ];
}

/** The path of an arrow: dagre's leads around other nodes, and is only needed where one is in the way. */
function wayOf(
  [start, end]: readonly [start: Point, end: Point],
  around: readonly Point[],
  nodes: readonly Rectangle[],
): Point[] {
  const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  const isInTheWay = ({ x, y, width, height }: Rectangle) =>
    x < end.x && x + width > start.x && y < bottom && y + height > top;
  return nodes.some(isInTheWay) ? [start, ...around, end] : [start, end];
}

function around(rectangles: readonly Rectangle[]): Rectangle {
  const x = Math.floor(Math.min(...rectangles.map((rectangle) => rectangle.x))) - MARGIN;
  const y = Math.floor(Math.min(...rectangles.map((rectangle) => rectangle.y))) - MARGIN;
  const right = Math.max(...rectangles.map((rectangle) => rectangle.x + rectangle.width));
  const bottom = Math.max(...rectangles.map((rectangle) => rectangle.y + rectangle.height));
  return { x, y, width: Math.ceil(right + MARGIN - x), height: Math.ceil(bottom + MARGIN - y) };
}

/** dagre places a rectangle by its center. */
function cornered({ x, y, width, height }: Rectangle): Rectangle {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function withTexts({ x, y, width, height }: Rectangle, { texts }: Box): Placed {
  return { x, y, width, height, texts: texts.map((text) => ({ ...text, x: x + text.x, y: y + text.y })) };
}
