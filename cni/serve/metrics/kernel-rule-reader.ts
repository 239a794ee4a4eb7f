import { gc } from 'bun';
import { readPortsInUse } from '../../data-plane/source-ports';
import { NETLINK_NETFILTER, NetlinkSocket } from '../../netlink/socket';
import { readRuleCounters } from './rule-counters';
import type { RuleReader } from './rule-metrics';

/** What the kernel of this network namespace says about the rules in force. It asks for NET_ADMIN. */
export const KERNEL_RULES: RuleReader = {
  rules: () => overNetlink(readRuleCounters),
  ports: (rules) => overNetlink((socket) => readPortsInUse(socket, rules)),
  onWritten: (rules) => {
    if (rules >= MANY_RULES) gc(true);
  },
};

/**
 * From here on, garbage is collected at once. The collector would wait until there is as much again: a second's text of
 * 10,000 rules leaves 40 MB, and the process grew to 120 MiB beside its program, of a container's 128. So it stays at
 * 32, for 25 ms.
 */
const MANY_RULES = 1000;

function overNetlink<T>(read: (socket: NetlinkSocket) => T): T {
  using socket = NetlinkSocket.open(NETLINK_NETFILTER, 'read the counters');
  return read(socket);
}
