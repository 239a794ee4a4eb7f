import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// `npm run docs`: the API reference of each language from the docstrings. Needs what `npm run build` made.

/** The npm package has the pages that are in docs/ itself: TypeScript's alone. */
const PAGES = {
  typescript: 'docs/api.md',
  python: 'docs/api/python.md',
  java: 'docs/api/java.md',
  go: 'docs/api/go.md',
  csharp: 'docs/api/csharp.md',
};

/** What jsii-docgen does not say, as first paragraph of a page. */
const NOTES = {
  python:
    'A name that is a keyword of Python ends with `_`: where this page has `from`, write `EgressRouterMonitoring(from_=[…])`.',
  java: 'Pin the versions of cdk8s, cdk8s-plus-28, constructs and jsii-runtime: [Other languages](../constructs.md#other-languages).',
};

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
mkdirSync('docs/api', { recursive: true });
await Promise.all(Object.keys(PAGES).map(writePage));

async function writePage(language) {
  const env = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20', ...process.env };
  const page = PAGES[language];
  await promisify(execFile)('npx', ['jsii-docgen', '--language', language, '--output', page], { env });
  if (!(language in NOTES)) return;
  const [title, ...lines] = readFileSync(page, 'utf8').split('\n');
  writeFileSync(page, [title, '', NOTES[language], ...lines].join('\n'));
}
