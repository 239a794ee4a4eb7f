import { randomBytes } from 'node:crypto';
import type { Namespace } from './namespace';
import type { Node } from './node';
import { type Answer, type Call, type Command, callPlugin, type PluginConfig } from './plugin';

/** A pod of a node, and the runtime's calls of the plugin for it. */
export class Pod {
  public readonly ipv4: string;
  public readonly ipv6: string;
  public readonly containerId = randomBytes(8).toString('hex');
  /** Results of ADD by interface: a runtime keeps them for CHECK. */
  private readonly results = new Map<string, object>();

  public constructor(
    public readonly namespace: Namespace,
    public readonly node: Node,
    /** The node's end of `eth0`. */
    public readonly nodeLink: string,
    addresses: { readonly ipv4: string; readonly ipv6: string },
  ) {
    this.ipv4 = addresses.ipv4;
    this.ipv6 = addresses.ipv6;
  }

  /** ADD that has to succeed. */
  public async add(config: PluginConfig, call: Partial<Call> = {}): Promise<Answer> {
    return succeeded(await this.call('ADD', config, call));
  }

  /** DEL that has to succeed. */
  public async del(config: PluginConfig, call: Partial<Call> = {}): Promise<Answer> {
    return succeeded(await this.call('DEL', config, call));
  }

  /** Any call, whatever comes of it. CHECK has the result of ADD, or of a router that was made without it. */
  public async call(command: Command, config: PluginConfig, call: Partial<Call> = {}): Promise<Answer> {
    const { containerId, namespace } = this;
    const { netns = namespace.path, ifname = 'net1' } = call;
    const prevResult = this.results.get(ifname) ?? { interfaces: [{ name: ifname, sandbox: netns }] };
    const answer = await callPlugin(this.node.namespace, {
      command,
      containerId,
      netns,
      ifname,
      config: command === 'CHECK' ? { prevResult, ...config } : config,
      ...call,
    });
    if (command === 'ADD' && answer.status === 0) this.results.set(ifname, answer.json);
    return answer;
  }
}

function succeeded(answer: Answer): Answer {
  if (answer.status === 0) return answer;
  throw new Error(`the plugin failed (${answer.status ?? answer.signal}): ${answer.stdout}${answer.stderr}`);
}
