import { type Seen, seenIn, trusting } from '../../test/support/tls-clients';
import { TRUSTED } from '../cluster/images';
import type { Kubectl } from '../cluster/kubectl';
import { PROGRAMS } from './tool-pod';

/** What the clients of tool pods see of the test's files. */
export const FILES = { folder: PROGRAMS, authority: TRUSTED };

/** A place to run commands in. */
export interface Place {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** `NAME`, or `deployment/NAME`. */
  readonly pod: string;
}

/** Runs a shell's commands in a pod. */
export function tryIn({ kubectl, namespace, pod }: Place, script: string) {
  const env = Object.entries(trusting(FILES)).map(([name, value]) => `${name}=${value}`);
  return kubectl.try(['exec', '--namespace', namespace, pod, '--', 'env', ...env, 'sh', '-c', script]);
}

/** Runs a shell's commands, which must succeed. @returns what they print */
export function runIn(place: Place, script: string): string {
  const { status, stdout, stderr } = tryIn(place, script);
  if (status !== 0) throw new Error(`exit status ${status} of ${script}\n${stderr}${stdout}`);
  return stdout;
}

/** Runs a client, which must be answered. */
export function seenBy(place: Place, script: string): Seen {
  return seenIn(runIn(place, script));
}
