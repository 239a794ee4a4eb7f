import type { NodeKind } from './picture';

export interface NodeColours {
  readonly border: string;
  readonly ground: string;
}

/** Colours of the nodes by their kind, on a light page and on a dark one. */
export const COLOURS: Readonly<Record<NodeKind, { readonly light: NodeColours; readonly dark: NodeColours }>> = {
  clients: { light: { border: '#7c6a9c', ground: '#f5f1fb' }, dark: { border: '#b39ddb', ground: '#2a2438' } },
  service: { light: { border: '#326ce5', ground: '#eef3fe' }, dark: { border: '#7ea6f5', ground: '#1b2740' } },
  interface: { light: { border: '#1f8a70', ground: '#ecf8f4' }, dark: { border: '#5cc9ab', ground: '#16302a' } },
  routers: { light: { border: '#1f8a70', ground: '#ecf8f4' }, dark: { border: '#5cc9ab', ground: '#16302a' } },
  lan: { light: { border: '#8a8f98', ground: '#f4f5f6' }, dark: { border: '#9aa1ab', ground: '#262a30' } },
  destination: { light: { border: '#c26a1b', ground: '#fdf4ea' }, dark: { border: '#e8a15c', ground: '#37281a' } },
};
