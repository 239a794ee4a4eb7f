import { type StdioOptions, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Contestant, REFERENCE_PLUGINS, type RouterRequest } from './contestants';
import { NAMESPACES } from './network';

export type Verb = 'ADD' | 'DEL';

/** One call of a plugin. */
export interface Call {
  readonly verb: Verb;
  readonly contestant: Contestant;
  readonly request: RouterRequest;
  /** Path of the pod's namespace; its last part is the container's ID. */
  readonly netns: string;
}

/**
 * Milliseconds from the start of a plugin's process to its end, as a CNI runtime waits for it.
 *
 * @throws when it failed: the time of a failure means nothing
 */
export function call({ verb, contestant, request, netns }: Call, wrapper: readonly string[] = []): number {
  const [command = '', ...args] = [...wrapper, contestant.executable];
  const input = JSON.stringify(contestant.netconf(request));
  // A log on standard error is not waited for.
  const stdio: StdioOptions = ['pipe', 'pipe', 'ignore'];
  const start = performance.now();
  const { status, stdout } = spawnSync(command, args, { input, env: environment(verb, netns), stdio });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${contestant.title}: ${verb} exited with ${status}: ${stdout}`);
  return milliseconds;
}

function environment(verb: Verb, netns: string): Record<string, string> {
  return {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: netns.split('/').at(-1)!,
    CNI_NETNS: netns,
    CNI_IFNAME: 'net1',
    CNI_PATH: REFERENCE_PLUGINS,
    PATH: process.env.PATH ?? '',
  };
}

/** Largest resident set of an ADD in MiB, from GNU time: a parent of some size would count as its child's. */
export function residentMemory(add: Call): number {
  const output = join(NAMESPACES, 'memory');
  call(add, ['/usr/bin/time', '--format=%M', `--output=${output}`]);
  return Number(readFileSync(output, 'utf8')) / 1024;
}

/** Milliseconds to start and reap a process that does nothing: a part of every figure. */
export function emptyProcess(): number {
  const start = performance.now();
  spawnSync('true', { input: '{}' });
  return performance.now() - start;
}
