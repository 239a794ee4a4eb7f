import { randomBytes } from 'node:crypto';
import { readTable } from '../../cni/netlink/nftables/table';
import { NETLINK_NETFILTER, NetlinkSocket } from '../../cni/netlink/socket';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { PODS } from '../../test/kernel/lab/layout';
import { type Answer, type Command, callPlugin, type PluginConfig } from '../../test/kernel/lab/plugin';
import type { Network } from './network';
import type { NetworkNamespace } from './network-namespace';

/** The router's pod: the container runtime's calls of the plugin, and their results in the kernel. */
export class RouterPod {
  private readonly containerId = randomBytes(8).toString('hex');
  public readonly ipv4 = PODS.router.ipv4;
  public readonly namespace: NetworkNamespace;
  public readonly node: { readonly namespace: NetworkNamespace };

  public constructor(
    { router, node }: Network,
    private readonly config: PluginConfig,
  ) {
    this.namespace = router;
    this.node = { namespace: node };
  }

  /** @returns the MAC address that the plugin reports */
  public async add(): Promise<string> {
    const { json } = await this.call('ADD');
    return json.interfaces![0]!.mac;
  }

  public async del(): Promise<void> {
    await this.call('DEL');
  }

  /** The kernel's table, in one line. */
  public tableText(): string {
    using socket = this.openNetfilter();
    const table = readTable(socket, TABLE_NAME);
    if (table === undefined) return `no table inet ${TABLE_NAME}`;
    const chains = table.chains.map(({ name, policy }) => `${name} (policy ${policy})`);
    return `table inet ${TABLE_NAME}: ${table.rules.length} rules in ${chains.join(', ')}`;
  }

  public openNetfilter(): NetlinkSocket {
    return this.namespace.within(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open a netfilter socket in the pod'));
  }

  private async call(command: Command): Promise<Answer> {
    const { containerId, config, namespace, node } = this;
    const call = { command, containerId, netns: namespace.path, ifname: ROUTER_INTERFACE, config };
    const answer = await callPlugin(node.namespace, call);
    if (answer.status === 0) return answer;
    throw new Error(`egress-router ${command}: exit status ${answer.status}\n${answer.stdout}${answer.stderr}`);
  }
}
