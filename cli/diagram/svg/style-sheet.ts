import { STYLES } from './box';

/** Colours of the nodes by their kind: border and ground, each in light and in dark. */
const COLOURS = {
  clients: [
    ['#7c6a9c', '#f5f1fb'],
    ['#b39ddb', '#2a2438'],
  ],
  service: [
    ['#326ce5', '#eef3fe'],
    ['#7ea6f5', '#1b2740'],
  ],
  interface: [
    ['#1f8a70', '#ecf8f4'],
    ['#5cc9ab', '#16302a'],
  ],
  routers: [
    ['#1f8a70', '#ecf8f4'],
    ['#5cc9ab', '#16302a'],
  ],
  lan: [
    ['#8a8f98', '#f4f5f6'],
    ['#9aa1ab', '#262a30'],
  ],
  destination: [
    ['#c26a1b', '#fdf4ea'],
    ['#e8a15c', '#37281a'],
  ],
} as const;

const MODES = [
  { page: '#ffffff', text: '#1f2328', faint: '#59636e', line: '#6e7781', group: '#fafbfc', border: '#c3c9d0' },
  { page: '#0d1117', text: '#e6edf3', faint: '#9198a1', line: '#8b949e', group: '#12171e', border: '#3d444d' },
] as const;

function modeRules(mode: 0 | 1): string {
  const { page, text, faint, line, group, border } = MODES[mode];
  return [
    `.page{fill:${page}}`,
    `text{fill:${text}}.caption{fill:${faint}}`,
    `.edge{stroke:${line}}.head{fill:${line}}`,
    `.group rect{fill:${group};stroke:${border}}`,
    ...Object.entries(COLOURS).map(([kind, { [mode]: pair }]) => `.${kind} rect{stroke:${pair[0]};fill:${pair[1]}}`),
  ].join('\n');
}

/** As the reader's system has it, light or dark; the picture brings its own ground, because it does not know the page's. */
export const STYLE_SHEET = `
svg{max-width:100%;height:auto;background:transparent}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
${Object.entries(STYLES)
  .map(([style, { size }]) => `.${style}{font-size:${size}px}`)
  .join('')}
text{white-space:pre}.title{font-weight:600}
.node rect{stroke-width:1.5}
.edge{fill:none;stroke-width:1.5;marker-end:url(#arrow)}
${modeRules(0)}
@media (prefers-color-scheme:dark){
${modeRules(1)}
}
`;
