/**
 * The part of dagre in use. Its own declarations cover only the ES module, although the package has a CommonJS one,
 * too.
 */
declare module '@dagrejs/dagre' {
  export interface OrderConstraint {
    readonly left: string;
    readonly right: string;
  }

  export class Graph {
    public constructor(options: { readonly compound: boolean });
    public setGraph(label: Readonly<Record<string, unknown>>): this;
    public setNode(id: string, label: object): this;
    public setParent(id: string, parent: string): this;
    public setEdge(from: string, to: string, label: object): this;
    /** The center and size of a node or group, after `layout`. */
    public node(id: string): {
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
    public edge(from: string, to: string): { readonly points: readonly { readonly x: number; readonly y: number }[] };
  }

  export function layout(graph: Graph, options: { readonly constraints: readonly OrderConstraint[] }): void;
}
