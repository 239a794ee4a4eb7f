import { join } from 'node:path';
import { DOCUMENTS, readDocument } from '../support/markdown';

interface Anchor {
  readonly document: string;
  /** From the repository's root. */
  readonly target: string;
  readonly anchor: string;
}

/** Links to a heading of a document that people read. */
const ANCHORS = DOCUMENTS.flatMap((document): Anchor[] =>
  [...readDocument(document).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)]
    .map(([, path, anchor]) => ({
      document,
      target: path === '' ? document : join(document, '..', path!),
      anchor: anchor!,
    }))
    .filter(({ target }) => DOCUMENTS.includes(target)),
);

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const prose = readDocument(document).replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('there are links to headings', () => expect(ANCHORS.length).toBeGreaterThan(10));

test('no page of the npm package links to a page that the package lacks', () => {
  const shipped = DOCUMENTS.filter((document) => /^docs\/[^/]+$/.test(document));
  expect(shipped.length).toBeGreaterThan(10);
  expect(shipped.filter((document) => /\]\(dev\//.test(readDocument(document)))).toEqual([]);
});

test('every link to a heading leads to one', () => {
  expect(ANCHORS.filter(({ target, anchor }) => !anchorsOf(target).includes(anchor))).toEqual([]);
});
