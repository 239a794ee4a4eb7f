import { NLMSG_DONE, NLMSG_ERROR } from '../message';
import { refusal } from '../refusal';
import { NETLINK_NETFILTER, NetlinkSocket } from '../socket';
import { Connection, listConnections } from './connection';

/**
 * `conntrack -L` in parts: a list of a hundred thousand takes longer than this process may be away from its other work.
 */
export class ConnectionList implements Disposable {
  private readonly socket: NetlinkSocket;
  private isComplete = false;

  /** @throws NetlinkError */
  public constructor() {
    this.socket = NetlinkSocket.open(NETLINK_NETFILTER, 'open a socket for the list of connections');
    try {
      this.socket.beginDump(listConnections());
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  public [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }

  /** The next part, about a hundred; nothing at the end. @throws NetlinkError */
  public next(): Connection[] | undefined {
    if (this.isComplete) return undefined;
    const found: Connection[] = [];
    for (const message of this.socket.take('conntrack -L') ?? []) {
      if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
        const refused = refusal(message, 'conntrack -L');
        if (refused !== undefined) throw refused;
        this.isComplete = true;
        return found.length > 0 ? found : undefined;
      }
      found.push(new Connection(message));
    }
    return found;
  }
}
