import type { Picture } from '../picture';
import { type Arrangement, arrange, type Placed, type Point } from './arrange';
import { STYLE_SHEET } from './style-sheet';

/** The picture as a self-contained SVG document, without scripts or fonts. The same picture gives the same text. */
export function svgText(picture: Picture): string {
  const arrangement = arrange(picture);
  const { x, y, width, height } = arrangement;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(picture.title)}</title>`,
    `<desc id="description">${escaped(picture.description)}</desc>`,
    `<style>${STYLE_SHEET}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0 10 5 0 10z"/></marker></defs>',
    `<rect class="page" x="${x}" y="${y}" width="${width}" height="${height}"/>`,
    ...shapes(arrangement),
    '</svg>\n',
  ].join('\n');
}

function shapes({ groups, nodes, edges }: Arrangement): string[] {
  return [
    ...groups.map((placed) => shape('group', placed)),
    ...edges.map((points) => `<path class="edge" d="${curve(points)}"/>`),
    ...nodes.map((placed) => shape(`node ${placed.kind}`, placed)),
  ];
}

function shape(className: string, { x, y, width, height, texts }: Placed): string {
  const lines = texts.map((line) => {
    const place = `x="${number(line.x)}" y="${number(line.y)}" textLength="${number(line.width)}"`;
    return `<text class="${line.style}" ${place}>${escaped(line.text)}</text>`;
  });
  const box = `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="6"/>`;
  return `<g class="${className}">${[box, ...lines].join('\n')}</g>`;
}

/** Level at each point. */
function curve([start, ...others]: readonly Point[]): string {
  let from = start!;
  const parts = others.map((to) => {
    const middle = (from.x + to.x) / 2;
    const part = `C${place({ x: middle, y: from.y })} ${place({ x: middle, y: to.y })} ${place(to)}`;
    from = to;
    return part;
  });
  return [`M${place(start!)}`, ...parts].join(' ');
}

const place = ({ x, y }: Point) => `${number(x)} ${number(y)}`;

/** To a tenth of a pixel. */
const number = (value: number) => String(Math.round(value * 10) / 10);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
}
