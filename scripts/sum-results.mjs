import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';

// `node scripts/sum-results.mjs PROJECT …`: adds up what these jest projects reported, and fails when a test was
// skipped: a pipeline that skips proves nothing.
const folder = 'dist/test-results';
let [passed, failed, skipped] = [0, 0, 0];
for (const project of argv.slice(2)) {
  const result = JSON.parse(readFileSync(join(folder, `${project}.json`), 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + result.numTodoTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || skipped > 0 || passed === 0) exit(1);
