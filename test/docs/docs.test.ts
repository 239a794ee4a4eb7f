import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Chart } from 'cdk8s';
import * as ts from 'typescript';
import { EgressRouter } from '../../src';
import { Platform, REFUSED_PLATFORMS } from '../../src/domain/router/platform';
import { runPrograms, TSX } from '../support/example';
import { blocksOf, DOCUMENTS, readDocument } from '../support/markdown';
import type { MockedRun } from '../support/run-under-mocks';
import { STANDALONE } from '../support/synth';

const ROOT = join(__dirname, '../..');
// test/packages has the program with another cdk8s-plus than ours.
const SNIPPETS = DOCUMENTS.flatMap(blocksOf).filter(
  ({ language, text }) => language === 'ts' && !text.includes("from 'cdk8s-plus-34'"),
);

/** The snippets as files within the package, where the library's name leads to the library. */
let folder: string;
let files: string[];
beforeAll(() => {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'dist', 'snippets-'));
  files = SNIPPETS.map(({ text }, index) => {
    const file = join(folder, `snippet-${index}.ts`);
    writeFileSync(file, text);
    return file;
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the documents have snippets', () => expect(SNIPPETS.length).toBeGreaterThanOrEqual(3));

test('every snippet compiles', () => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
  const texts = diagnostics.map(({ file, messageText }) => {
    const index = files.indexOf(file?.fileName ?? '');
    return `${SNIPPETS[index]?.place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(texts).toEqual([]);
});

test('every cdk8s snippet runs', () => {
  const programs = snippetsOf('cdk8s').map(([, index]) => ({
    main: files[index]!,
    folder: join(folder, `out-${index}`),
  }));
  const errors = runPrograms(programs);
  const outcomes = snippetsOf('cdk8s').map(([place], at) => {
    return { place, error: errors[at], isSynthesized: existsSync(programs[at]!.folder) };
  });
  expect(outcomes).toEqual(outcomes.map(({ place }) => ({ place, error: null, isSynthesized: true })));
});

// Under mocks: what a snippet registers, and not what a cloud makes of it.
test('every Pulumi snippet runs', () => {
  const snippets = snippetsOf('Pulumi');
  const words = [TSX, join(ROOT, 'test/support/run-under-mocks.ts'), ...snippets.map(([, index]) => files[index]!)];
  const runs: MockedRun[] = JSON.parse(execFileSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' }));
  const outcomes = snippets.map(([place], at) => ({ place, types: runs[at] }));
  const registered = expect.arrayContaining([expect.stringMatching(/^(openstack|vsphere|egress-router):/)]);
  expect(outcomes).toEqual(snippets.map(([place]) => ({ place, types: registered })));
});

/** Place and number of the programs of one kind. */
function snippetsOf(kind: 'cdk8s' | 'Pulumi'): (readonly [string, number])[] {
  return SNIPPETS.flatMap(({ place, text }, index) => {
    const isPulumi = /from '(@pulumi|pulumi-egress-router)\//.test(text);
    return isPulumi === (kind === 'Pulumi') ? [[place, index] as const] : [];
  });
}

// Without the fallback, which operator mode warns about: a first run should have nothing to say.
test("the README's first program is the OKD example", () => {
  const example = readFileSync(join(ROOT, 'examples/okd/main.ts'), 'utf8');
  expect(SNIPPETS[0]!.text).toBe(example.replace("  fallbackIp: '203.0.113.27',\n", ''));
});

// Which a test of the image pushes to a registry.
test("the README's image goes the way of docs/image.md", () => {
  const [image] = blocksOf('README.md').filter(({ text }) => text.startsWith('npm run image\n'));
  const copy = blocksOf('docs/image.md').find(({ text }) => text.startsWith('skopeo copy'))!;
  expect(image!.text).toBe(`npm run image\n${copy.text}`);
});

test('the errors in the documents are the ones that users get', () => {
  const chart = new Chart(new App(), 'prod', { namespace: 'egress' });
  new EgressRouter(chart, 'db', { ...STANDALONE, addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.13.1' }] });
  const first = message(chart);
  const second = new Chart(new App(), 'prod', { namespace: 'egress' });
  new EgressRouter(second, 'db', STANDALONE);
  new EgressRouter(second, 'licence', STANDALONE);
  const lines = [...first, ...message(second).slice(1)];
  const documented = blocksOf('docs/constructs.md').find(({ text }) => text.startsWith('Validation failed'));
  expect(documented?.text.trimEnd().split('\n')).toEqual(lines);
});

function message(chart: Chart): string[] {
  try {
    chart.toJson();
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('the chart has no error');
}

test('every platform is in the document, and no other', () => {
  const rows = readDocument('docs/platforms.md').split('\n## ');
  const named = (section: string) => [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name!);
  const [, refused, carrying] = rows as [string, string, string];
  const keys = Object.keys(Platform) as (keyof typeof Platform)[];
  expect(named(refused).sort()).toEqual(keys.filter((key) => REFUSED_PLATFORMS.has(Platform[key])).sort());
  expect(named(carrying).sort()).toEqual(keys.filter((key) => !REFUSED_PLATFORMS.has(Platform[key])).sort());
});

test('every link within the repository leads somewhere', () => {
  const broken = DOCUMENTS.flatMap((document) =>
    [...readDocument(document).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
      .map(([, target]) => join(ROOT, dirname(document), target!))
      .filter((target) => !existsSync(target)),
  );
  expect(broken).toEqual([]);
});

test('every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = DOCUMENTS.flatMap((document) =>
    [...readDocument(document).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!),
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
