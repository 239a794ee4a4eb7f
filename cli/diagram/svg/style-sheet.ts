import { COLOURS } from '../colours';
import { STYLES } from './box';

/** Of everything else. */
const PAGES = {
  light: { page: '#ffffff', text: '#1f2328', faint: '#59636e', line: '#6e7781', group: '#fafbfc', frame: '#c3c9d0' },
  dark: { page: '#0d1117', text: '#e6edf3', faint: '#9198a1', line: '#8b949e', group: '#12171e', frame: '#3d444d' },
} as const;

function coloursOn(mode: 'light' | 'dark'): string {
  const { page, text, faint, line, group, frame } = PAGES[mode];
  const nodes = Object.entries(COLOURS).map(([kind, { [mode]: colours }]) => {
    return `.${kind} rect{stroke:${colours.border};fill:${colours.ground}}`;
  });
  return [
    `.page{fill:${page}}`,
    `text{fill:${text}}.caption{fill:${faint}}`,
    `.edge{stroke:${line}}.head{fill:${line}}`,
    `.group rect{fill:${group};stroke:${frame}}`,
    ...nodes,
  ].join('\n');
}

/** Follows the reader's system, light or dark. The picture has its own background, because the page's is unknown. */
export const STYLE_SHEET = `
svg{max-width:100%;height:auto;background:transparent}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
${Object.entries(STYLES)
  .map(([style, { size }]) => `.${style}{font-size:${size}px}`)
  .join('')}
text{white-space:pre}.title{font-weight:600}
.node rect{stroke-width:1.5}
.edge{fill:none;stroke-width:1.5;marker-end:url(#arrow)}
${coloursOn('light')}
@media (prefers-color-scheme:dark){
${coloursOn('dark')}
}
`;
