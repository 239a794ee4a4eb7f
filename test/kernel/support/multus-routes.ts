import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Namespace } from '../lab/namespace';

const SOURCE = join(__dirname, '..', 'multus');

/** Releases of Multus by the file of their modules. Before 4.2.2, it deletes the default routes of other interfaces. */
export const MULTUS_RELEASES = { '4.2.0': 'before-4.2.2', '4.2.2': 'go' } as const;
export type MultusRelease = keyof typeof MULTUS_RELEASES;

/** What Multus does to a pod's default routes for `default-route` in its annotation, by its own code. */
export class MultusRoutes {
  private readonly program: string;

  public constructor(release: MultusRelease) {
    this.program = programOf(MULTUS_RELEASES[release]);
  }

  /** After ADD of each interface, unless its network has the default route. */
  public deleteDefault({ path }: Namespace, link: string): void {
    this.run('delete', path, link);
  }

  /** After ADD of the interface whose network has `default-route`. */
  public setDefault(pod: Namespace, link: string, gateways: readonly string[]): void {
    this.deleteDefault(pod, link);
    this.run('set', pod.path, link, ...gateways);
  }

  private run(...words: string[]): void {
    const { status, stderr, error } = spawnSync(this.program, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Multus, ${words.join(' ')}: ${error?.message ?? stderr}`);
  }
}

/** Compiled once for each set of modules. It needs the program `go` and a Go module proxy. */
function programOf(modules: string): string {
  const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
  const inputs = ['main.go', `${modules}.mod`, `${modules}.sum`].map((name) => readFileSync(join(SOURCE, name)));
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  const program = join(cache, `multus-routes-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const partial = `${program}-${process.pid}`;
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const words = [
    'build',
    '-mod=readonly',
    `-modfile=${modules}.mod`,
    '-trimpath',
    '-buildvcs=false',
    '-o',
    partial,
    '.',
  ];
  const { status, stderr, error } = spawnSync('go', words, { cwd: SOURCE, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go ${words.join(' ')}: ${error?.message ?? stderr}`);
  renameSync(partial, program);
  return program;
}
