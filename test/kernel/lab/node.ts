import type { Host } from './host';
import type { Lab } from './lab';
import { LAN, PODS } from './layout';
import type { Namespace } from './namespace';
import { Pod } from './pod';

/** An address of each family, without prefix. */
interface PodAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** What pods send out of the cluster leaves with the node's address, as with every cluster network. */
const MASQUERADE = `table inet cluster {
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr ${PODS.subnet4} ip daddr != ${PODS.subnet4} oifname lan0 masquerade
    ip6 saddr ${PODS.subnet6} ip6 daddr != ${PODS.subnet6} oifname lan0 masquerade
  }
}`;

/** A node of the cluster: a host of the LAN that routes for its pods. */
export class Node {
  private pods = 0;

  public constructor(
    private readonly lab: Lab,
    public readonly host: Host,
  ) {
    this.namespace.set({ 'ipv4/ip_forward': '1', 'ipv6/conf/all/forwarding': '1' });
    this.namespace.batch(
      `route add default via ${LAN.gateway.ipv4.split('/')[0]}`,
      `route add default via ${LAN.linkLocalGateway} dev lan0`,
    );
    const { status, stderr } = this.namespace.try(['nft', '-f', '-'], MASQUERADE);
    if (status !== 0) throw new Error(`masquerading on ${this.namespace.name}: ${stderr}`);
  }

  public get namespace(): Namespace {
    return this.host.namespace;
  }

  /** A further interface on the LAN, which carries nothing. */
  public addSpareInterface(name: string): void {
    this.lab.plugIn(this.namespace, name);
    this.namespace.batch(`link set ${name} addrgenmode none up`);
  }

  /** A pod on the cluster's network: `eth0`, an address without subnet, and a default route. As Calico does it. */
  public addPod(name: string, { ipv4, ipv6 }: PodAddresses = PODS.router): Pod {
    const namespace = this.lab.namespace(name);
    const link = `pod${this.pods++}`;
    this.namespace.batch(
      `link add ${link} type veth peer name eth0 netns ${namespace.name}`,
      `addr add ${PODS.gateway4}/32 dev ${link} scope link`,
      `addr add ${PODS.gateway6}/64 dev ${link} nodad`,
      `link set ${link} up`,
      // The node speaks to its pods with its own address, as the kubelet does.
      `route add ${ipv4}/32 dev ${link} src ${this.host.ipv4}`,
      `route add ${ipv6}/128 dev ${link} src ${this.host.ipv6}`,
    );
    namespace.batch(
      `addr add ${ipv4}/32 dev eth0`,
      `addr add ${ipv6}/128 dev eth0 nodad`,
      // Usable at once; for net1 the kernel's own defaults hold.
      'link set eth0 addrgenmode none up',
      'addr add fe80::5/64 dev eth0 nodad',
      `route add ${PODS.gateway4} dev eth0 scope link`,
      `route add default via ${PODS.gateway4} dev eth0`,
      `route add default via ${PODS.gateway6} dev eth0`,
    );
    return new Pod(namespace, this, link, { ipv4, ipv6 });
  }
}
