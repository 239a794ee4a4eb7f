import type { Manifest } from '../test/support/synth';
import type { Environment, Pod } from './environment';

const PLUGIN = '/opt/cni/bin/egress-router';
/** The folder of Multus' delegate results. */
const RESULTS = '/var/lib/cni';
/** The folder of the plugin's attachment records. */
const NOTES = '/run/egress-router/attachments';

/** A router's network configuration, as a commit's manifests declare it. */
export function configOf(manifests: readonly Manifest[], router: string): Record<string, unknown> {
  const definition = manifests.find(
    ({ kind, metadata }) => kind === 'NetworkAttachmentDefinition' && metadata?.name === router,
  );
  return JSON.parse((definition as unknown as { spec: { config: string } }).spec.config) as Record<string, unknown>;
}

interface Result {
  readonly containerId: string;
  readonly result: object;
}

/** Files with the results of a pod's networks. */
function resultsOf(environment: Environment, pod: Pod): string[] {
  return environment.nodeOf(pod).machine.run('grep', '-rl', pod.metadata.name, RESULTS).trim().split('\n');
}

/** Differences between a commit and the kernel of a router's pod, found by the plugin's own CHECK. */
export function differences(environment: Environment, pod: Pod, config: Readonly<Record<string, unknown>>): string[] {
  const worker = environment.nodeOf(pod);
  const [file] = resultsOf(environment, pod).filter((path) => path.endsWith('-net1'));
  const { containerId, result } = JSON.parse(worker.machine.run('cat', file!)) as Result;
  const variables = {
    CNI_COMMAND: 'CHECK',
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/proc/${pidOf(environment, pod)}/ns/net`,
    CNI_IFNAME: 'net1',
    CNI_PATH: '/opt/cni/bin',
    CNI_ARGS: `K8S_POD_NAMESPACE=${pod.metadata.namespace}`,
  };
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const { status, stdout } = worker.machine.try(
    ['env', ...words, PLUGIN],
    JSON.stringify({ ...config, prevResult: result }),
  );
  if (status === 0) return [];
  const { msg, details } = JSON.parse(stdout) as { msg: string; details?: string };
  return (details ?? msg).split('\n');
}

/**
 * Files about a router's attachment on a node: the runtime's results, and the plugin's record. DEL removes all of them.
 */
export function notesOf(environment: Environment, pod: Pod): string[] {
  const { machine } = environment.nodeOf(pod);
  const results = resultsOf(environment, pod).filter((path) => path.endsWith('-net1'));
  const { containerId } = JSON.parse(machine.run('cat', results[0]!)) as Result;
  return [...results, ...machine.run('find', NOTES, '-name', `*@${containerId}@*`).trim().split('\n')];
}

/** The PID on the node of a process of the router's pod. */
export function pidOf(environment: Environment, pod: Pod): number {
  const worker = environment.nodeOf(pod);
  const label = `labels."io.kubernetes.pod.uid"==${pod.metadata.uid}`;
  const containers = worker.ctr('containers', 'list', '--quiet', label).trim().split('\n');
  const tasks = worker.ctr('tasks', 'list').split('\n');
  const line = tasks.find((task) => containers.some((id) => task.startsWith(id)) && task.includes('RUNNING'));
  if (line === undefined) throw new Error(`no process of ${pod.metadata.name} on ${worker.name}:\n${tasks.join('\n')}`);
  return Number(line.trim().split(/\s+/)[1]);
}
