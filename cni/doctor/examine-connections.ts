import { readSetting } from '../data-plane/kernel-setting';
import type { RulesInForce } from '../data-plane/rules-in-force';
import { ANY_PORT, readPortsInUse, SOURCE_PORTS } from '../data-plane/source-ports';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { type Examination, found, together, unseen } from './examination';
import type { Subject } from './subject';

/** From here on, new connections begin to fail for some. */
const NEARLY_ALL = 0.95;

/** Whether the table of connections, or the source ports towards a destination, are used up. */
export function examineConnections(subject: Subject, inForce: RulesInForce | undefined): Examination {
  return together([
    connectionTable(subject),
    inForce === undefined ? unseen('source ports in use', 'NET_ADMIN') : sourcePorts(subject, inForce),
  ]);
}

function connectionTable({ pod }: Subject): Examination {
  const [count, limit] = pod.run(() =>
    ['nf_conntrack_count', 'nf_conntrack_max'].map((name) => Number(readSetting(`net/netfilter/${name}`) ?? 0)),
  ) as [number, number];
  if (limit === 0 || count < limit * NEARLY_ALL) return found();
  return found({
    id: 'connections-exhausted',
    problem: `The pod's table of connections holds ${count} of at most ${limit}.`,
    explanation:
      'The kernel drops what would be a new connection. Somebody opens connections faster than they are forgotten, or the limit of the node is too low.',
    commands: ['sysctl net.netfilter.nf_conntrack_max   # on the node', 'conntrack -S'],
  });
}

function sourcePorts({ pod }: Subject, { marked }: RulesInForce): Examination {
  const destinations = [
    ...marked.rules.map(({ rule }) => ({
      protocol: rule.protocol.toLowerCase(),
      destination: rule.destination.text,
      destinationPort: String(rule.targetPort),
    })),
    ...marked.fallbacks.map(({ address }) => ({ ...ANY_PORT, destination: address.text })),
  ];
  using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open a conntrack socket'));
  const full = readPortsInUse(socket, destinations).filter(
    ({ connections }) => connections >= SOURCE_PORTS * NEARLY_ALL,
  );
  return found(
    ...full.map(({ protocol, destination, destinationPort, connections }) => ({
      id: 'ports-exhausted' as const,
      problem: `${connections} of ${SOURCE_PORTS} source ports towards ${destination} ${protocol} ${destinationPort} are in use.`,
      explanation:
        'One address has no more connections to one port of one server; a closed TCP connection keeps its port for two minutes. Clients that keep connections open, or a second reserved address, help.',
      commands: [`conntrack -L --reply-src ${destination}   # in the pod's network namespace`],
    })),
  );
}
