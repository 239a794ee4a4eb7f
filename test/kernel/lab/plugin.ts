import { PLUGIN } from '../support/requires';
import type { ProcessPlace } from './process-place';

export type Command = 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC' | 'VERSION';

/** The plugin's configuration as JSON. */
export type PluginConfig = Readonly<Record<string, unknown>>;

/** A call of the plugin as a container runtime makes it. */
export interface Call {
  readonly command: Command;
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  readonly config: PluginConfig;
  /** The pod's, as Kubernetes' runtimes say it; by default one that may use the network. */
  readonly podNamespace?: string;
  /** What runs the plugin: `strace` and its options, say. */
  readonly wrapper?: readonly string[];
}

export interface Answer {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON: a result or an error of the CNI specification; undefined without output. */
  readonly json: PluginAnswer;
}

export interface PluginAnswer {
  readonly code?: number;
  readonly msg?: string;
  readonly details?: string;
  readonly interfaces?: readonly { readonly name: string; readonly mac: string; readonly sandbox?: string }[];
}

/** Runs the plugin's executable in the node's namespace, through its real command line. */
export function callPlugin(node: ProcessPlace, call: Call): Promise<Answer> {
  // Tests also send other values than objects.
  const { podNamespace = (call.config as PluginConfig | null)?.podNamespace ?? 'default' } = call;
  const variables = {
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${podNamespace};K8S_POD_NAME=db`,
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerId,
    CNI_NETNS: call.netns,
    CNI_IFNAME: call.ifname,
    CNI_PATH: '/opt/cni/bin',
  };
  const child = node.start([...(call.wrapper ?? []), PLUGIN], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  // A plugin that was killed does not read what it is sent.
  child.stdin!.on('error', () => undefined).end(JSON.stringify(call.config));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...output, json: parsed(output.stdout) }));
  });
}

function parsed(text: string): PluginAnswer {
  try {
    return JSON.parse(text) as PluginAnswer;
  } catch {
    return {};
  }
}
