/**
 * What a diagram shows, before it is Mermaid text or SVG: both are made of this, so they cannot tell different stories. Texts are
 * the user's, made visible and not yet escaped.
 */
export interface Picture {
  readonly title: string;
  /** The picture in words, for those who do not see it. */
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
  /** A letter and a number: a word of neither format. */
  readonly id: string;
  readonly kind: NodeKind;
  /** What it is. */
  readonly caption: string;
  /** Which one it is. */
  readonly title?: string;
  readonly lines: readonly string[];
  /** One item of many, such as the routers of a namespace: beside each other where there is room. */
  readonly items?: readonly string[];
  readonly within?: string;
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
}
