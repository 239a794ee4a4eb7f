import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const VERSION = 'v1.3.0';

/**
 * The specification's own client, compiled once into a cache folder. It needs the program `go` and a Go module proxy.
 */
export function cnitool(): string {
  const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
  const folder = join(cache, `cnitool-${VERSION}`);
  if (existsSync(join(folder, 'cnitool'))) return join(folder, 'cnitool');
  const partial = join(cache, `partial-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  const env = { ...process.env, GOBIN: partial, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const module = `github.com/containernetworking/cni/cnitool@${VERSION}`;
  const { status, stderr, error } = spawnSync('go', ['install', '-trimpath', module], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go install ${module}: ${error?.message ?? stderr}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return join(folder, 'cnitool');
}
