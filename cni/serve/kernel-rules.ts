import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { readRuleCounters } from './rule-counters';
import type { RuleReader } from './rule-metrics';
import { readPortsInUse } from './source-ports';

/** What the kernel of this network namespace says about the rules in force. It asks for NET_ADMIN. */
export const KERNEL_RULES: RuleReader = {
  rules: () => overNetlink(readRuleCounters),
  ports: (rules) => overNetlink((socket) => readPortsInUse(socket, rules)),
};

function overNetlink<T>(read: (socket: NetlinkSocket) => T): T {
  using socket = NetlinkSocket.open(NETLINK_NETFILTER, 'read the counters');
  return read(socket);
}
