import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files of a Go module, from the module proxy; go.sum says which.
 *
 * @param project the folder beside this file that has go.mod
 */
export function filesOfModule(project: string, module: string, paths: readonly string[]): string[] {
  const json = execFileSync('go', ['mod', 'download', '-json', module], {
    cwd: join(__dirname, project),
    env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off' },
    encoding: 'utf8',
  });
  const { Dir: folder } = JSON.parse(json) as { readonly Dir: string };
  return paths.map((path) => readFileSync(join(folder, path), 'utf8'));
}
