/**
 * `npm run packages`: this version's package for each language, in dist/packages: js (npm), python (wheel and source),
 * java (a Maven repository), go (a module's files) and dotnet (a NuGet package; the code alone where there is no .NET
 * SDK).
 *
 * Needs what `npm run build` made, python3 with venv, a JDK with Maven, and the registries of npm, PyPI and Maven.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, step, succeeds } from './languages/command.mjs';
import { buildJar, java, providePlus } from './languages/java.mjs';
import { missingInputs, pacmak } from './languages/pacmak.mjs';
import { python } from './languages/python.mjs';

const OUT = join(ROOT, 'dist', 'packages');

try {
  const missing = [missingInputs, python.missing, java.missing].flatMap((find) => find());
  if (missing.length > 0) throw new Error(`missing:\n${missing.map((what) => `  - ${what}`).join('\n')}`);
  rmSync(OUT, { recursive: true, force: true });
  step('js', () => pacmak('js', OUT));
  step('python', () => pacmak('python', OUT));
  step('java', () => {
    providePlus();
    buildJar(OUT);
  });
  // Go compiles what is in the module's repository: there is nothing to build.
  step('go', () => pacmak('go', OUT, { flags: ['--code-only'] }));
  const hasSdk = succeeds('dotnet', '--version');
  step('dotnet', () => {
    pacmak('dotnet', OUT, { flags: hasSdk ? [] : ['--code-only'] });
    return hasSdk ? undefined : 'the code alone: no .NET SDK';
  });
} catch (error) {
  console.error(`packages: ${error.message}`);
  process.exitCode = 1;
}
