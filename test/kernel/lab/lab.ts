import { raiseArpRate } from './arp-rate';
import type { HostAddresses } from './host';
import { Lan } from './lan';
import { LAN } from './layout';
import { Node } from './node';
import { forgetAttachments } from './state';

/**
 * A data centre in network namespaces:
 *
 *     pods ── node ──┐
 *                    ├── LAN (a bridge) ── gateway ── server
 *     outsider ──────┘
 *
 * The node's address and the reserved one are in the same subnet of the LAN. Pods have nothing but a default route, and
 * hosts beyond the node have no route to them.
 */
export class Lab extends Lan {
  public readonly node: Node;

  /** @param prefix of the namespaces' names, which is unique */
  public constructor(prefix?: string) {
    super(prefix);
    raiseArpRate();
    try {
      this.node = this.addNode('node', LAN.node);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** A node of the cluster on the LAN. */
  public addNode(name: string, addresses: HostAddresses): Node {
    return new Node(this, this.host(name, addresses));
  }

  /** Removes everything, and what the plugin noted of networks with a name of this lab. */
  public override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    forgetAttachments(this.unique(''));
  }
}
