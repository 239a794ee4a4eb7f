import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * A program of a Go module, compiled once into a cache folder. It needs the program `go` and a Go module proxy.
 *
 * @param path of the program's package; its last part is the program's name
 * @param version such as `v1.3.0`
 */
export function goTool(path: string, version: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(join(folder, name))) return join(folder, name);
  const partial = join(cache, `partial-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  const env = { ...process.env, GOBIN: partial, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const module = `${path}@${version}`;
  const { status, stderr, error } = spawnSync('go', ['install', '-trimpath', module], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go install ${module}: ${error?.message ?? stderr}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return join(folder, name);
}
