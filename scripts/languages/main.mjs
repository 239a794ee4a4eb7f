/**
 * `npm run test:languages`: builds the packages for other languages, installs them where nothing of this repository is
 * in reach, and compares what the examples and the programs of test/languages synthesize in each language with what
 * their twins in TypeScript do, byte for byte.
 *
 * Python and Go, and C# as far as the machine goes; `-- --full` adds Java, whose jars take minutes. Needs what `npm run
 * build` made, the npm registry, PyPI, a Go module proxy, and Maven Central for Java.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, seconds, step } from './command.mjs';
import { csharp } from './csharp.mjs';
import { foldersWith } from './folders.mjs';
import { go } from './go.mjs';
import { java } from './java.mjs';
import { compareManifests } from './manifests.mjs';
import { missingInputs } from './pacmak.mjs';
import { python } from './python.mjs';
import { typescript } from './typescript.mjs';

const LANGUAGES = process.argv.includes('--full') ? [python, go, java, csharp] : [python, go, csharp];
const WORK = mkdtempSync(join(tmpdir(), 'egress-router-languages-'));
const started = Date.now();

try {
  requireTools();
  for (const folder of new Set(LANGUAGES.flatMap(({ program }) => foldersWith(program))))
    synthesize(typescript, folder);
  for (const language of LANGUAGES) check(language);
  console.log(`test:languages: done in ${seconds(started)}`);
} catch (error) {
  console.error(`test:languages: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(WORK, { recursive: true, force: true });
}

/** Reports everything that is missing at once, with what brings it. */
function requireTools() {
  const missing = [missingInputs, ...LANGUAGES.map((language) => language.missing)].flatMap((find) => find());
  if (missing.length > 0) throw new Error(`missing:\n${missing.map((what) => `  - ${what}`).join('\n')}`);
}

function check(language) {
  const work = workFolder(language);
  for (const [title, action] of language.steps) step(`${language.name}: ${title}`, () => action(work));
  if (language.synthesize === undefined) return;
  for (const folder of foldersWith(language.program)) {
    synthesize(language, folder);
    step(`${language.name}: the same bytes as TypeScript`, () =>
      compareManifests(
        { name: `${folder}/${typescript.program}`, folder: outputFolder(typescript, folder) },
        { name: `${folder}/${language.program}`, folder: outputFolder(language, folder) },
      ),
    );
  }
}

function synthesize(language, folder) {
  const env = {
    CDK8S_OUTDIR: outputFolder(language, folder),
    // The runtime keeps unpacked packages by name and version: a package just built must not meet an earlier one.
    JSII_RUNTIME_PACKAGE_CACHE_ROOT: join(WORK, language.name, 'jsii'),
  };
  mkdirSync(env.CDK8S_OUTDIR, { recursive: true });
  step(`${folder}/${language.program}`, () => {
    language.synthesize(workFolder(language), join(ROOT, folder), env);
  });
}

function workFolder({ name }) {
  const folder = join(WORK, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function outputFolder({ name }, folder) {
  return join(WORK, 'manifests', name, folder);
}
