import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import type { Namespace } from '../netns/namespace';

/** The pod's namespace with sockets, which stay in it when the thread leaves. */
export class Pod implements Disposable {
  private constructor(
    public readonly namespace: Namespace,
    public readonly route: NetlinkSocket,
    public readonly netfilter: NetlinkSocket,
  ) {}

  public static open(namespace: Namespace): Pod {
    return namespace.run(() => {
      const route = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket in the pod');
      try {
        return new Pod(namespace, route, NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket in the pod'));
      } catch (error) {
        route[Symbol.dispose]();
        throw error;
      }
    });
  }

  public [Symbol.dispose](): void {
    this.route[Symbol.dispose]();
    this.netfilter[Symbol.dispose]();
  }
}
