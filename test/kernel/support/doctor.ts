import type { Namespace } from '../lab/namespace';
import type { PluginConfig } from '../lab/plugin';
import { Scene } from '../lab/scene';
import { PLUGIN } from './requires';

/** What `doctor --json` prints. */
export interface Report {
  readonly router: string;
  readonly findings: readonly {
    readonly id: string;
    readonly problem: string;
    readonly details?: readonly string[];
    readonly explanation: string;
    readonly commands: readonly string[];
  }[];
  readonly notExamined: readonly { readonly what: string; readonly needs: string; readonly isCutOff?: boolean }[];
}

/** The default time limit of doctor, for a whole process. */
export const LONGEST_SECONDS = 3;

/** A user of the pod's own process, who has no capability. */
export const UNPRIVILEGED = [
  'setpriv',
  '--reuid=65532',
  '--regid=65532',
  '--clear-groups',
  '--bounding-set=-all',
  '--inh-caps=-all',
];

/** A router with its servers, in working order. */
export async function workingRouter(
  ip: object,
  more: PluginConfig = {},
): Promise<{ readonly scene: Scene; readonly config: PluginConfig }> {
  const scene = new Scene();
  await scene.serve();
  const config = scene.config(ip, more);
  await scene.router.add(config);
  return { scene, config };
}

/** On a machine that is busy it may take longer: what is found is one thing, and that it is found in time another. */
const PATIENT = ['--json', '--time-limit=60'];

/** From the router's node, as root. */
export function fromNode(scene: Scene, config: PluginConfig, ...flags: string[]): Report {
  return lookFrom(scene.node.namespace, scene, config, ...flags);
}

/** As root, from wherever. */
export function lookFrom(namespace: Namespace, { router }: Scene, config: PluginConfig, ...flags: string[]): Report {
  const words = [PLUGIN, 'doctor', `--netns=${router.namespace.path}`, `--config=${JSON.stringify(config)}`];
  return report(namespace, [...words, ...PATIENT, ...flags]);
}

/** Within the pod, without any privilege. */
export function fromPod({ router }: Scene, config: PluginConfig, ...flags: string[]): Report {
  const words = [...UNPRIVILEGED, PLUGIN, 'doctor', '--netns=/proc/self/ns/net', `--config=${JSON.stringify(config)}`];
  return report(router.namespace, [...words, ...PATIENT, ...flags]);
}

export function report(namespace: Namespace, words: readonly string[]): Report {
  const begin = performance.now();
  const { status, stdout, stderr } = namespace.try(words);
  const seconds = (performance.now() - begin) / 1000;
  if (![0, 1, 3].includes(status ?? -1)) throw new Error(`exit code ${status}: ${stderr}`);
  const found = JSON.parse(stdout) as Report;
  if (status !== exitCode(found)) throw new Error(`exit code ${status} with ${stdout}`);
  timings.push({ seconds, ids: idsOf(found) });
  return found;
}

function exitCode({ findings, notExamined }: Report): number {
  if (findings.length > 0) return 1;
  return notExamined.some(({ isCutOff }) => isCutOff) ? 3 : 0;
}

/** The durations, for the log. */
export const timings: { readonly seconds: number; readonly ids: readonly string[] }[] = [];

export function idsOf({ findings }: Report): string[] {
  return findings.map(({ id }) => id);
}
