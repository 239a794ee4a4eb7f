import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** A fenced block of a document. */
export interface Block {
  /** Document and line, for messages. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** The nearest heading above. */
  readonly heading: string;
}

/** What people read, except the API reference, which is generated. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'RELEASE.md',
  'SECURITY.md',
  'examples/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/^api(\.md$|\/)/.test(file))
    .map((file) => `docs/${file}`),
];

export function readDocument(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

export function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readDocument(document).split('\n').entries()) {
    if (open === undefined) {
      if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
      if (line.startsWith('```')) open = { language: line.slice(3), line: index + 1, lines: [] };
    } else if (line === '```') {
      const { language, lines } = open;
      blocks.push({ place: `${document}:${open.line}`, language, text: `${lines.join('\n')}\n`, heading });
      open = undefined;
    } else open.lines.push(line);
  }
  return blocks;
}
