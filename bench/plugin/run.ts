import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { type Contestant, REFERENCE_PLUGINS, type RouterRequest } from './contestants';

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
export function call({ verb, contestant, request, netns }: Call, wrapper: readonly string[] = []): CallResult {
  const [command = '', ...args] = [...wrapper, contestant.executable];
  const options = { input: JSON.stringify(contestant.netconf(request)), env: environment(verb, netns) };
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, options);
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${contestant.title}: ${verb} exited with ${status}: ${stdout}${stderr}`);
  return { milliseconds, stderr: stderr.toString() };
}

export interface CallResult {
  readonly milliseconds: number;
  readonly stderr: string;
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
  const { stderr } = call(add, ['/usr/bin/time', '--format=%M']);
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}

/** Milliseconds to start and reap a process that does nothing: a part of every figure. */
export function emptyProcess(): number {
  const start = performance.now();
  spawnSync('true', { input: '{}' });
  return performance.now() - start;
}
