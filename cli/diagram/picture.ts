/**
 * The content of a diagram. Mermaid text and SVG are both made from it, so that they cannot differ. Texts are the
 * user's, with control characters made visible, and not yet escaped.
 */
export interface Picture {
  readonly title: string;
  /** The picture in words, for screen readers. */
  readonly description: string;
  readonly groups: readonly PictureGroup[];
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

/** A frame around nodes, and around other frames. */
export interface PictureGroup {
  readonly id: string;
  readonly title: string;
  /** The group around it. */
  readonly within?: string;
}

export type NodeKind = 'clients' | 'service' | 'interface' | 'lan' | 'destination' | 'routers';

export interface PictureNode {
  /** A letter and a number: not a keyword of either format. */
  readonly id: string;
  readonly kind: NodeKind;
  /** What it is. */
  readonly caption: string;
  /** Which one it is. */
  readonly title?: string;
  readonly lines: readonly string[];
  /** List items, such as the routers of a namespace, in several columns where there is room. */
  readonly items?: readonly string[];
  readonly within?: string;
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
}
