import type { Lab } from '../lab/lab';
import { LAN } from '../lab/layout';
import type { Namespace } from '../lab/namespace';
import type { Node } from '../lab/node';
import type { Pod } from '../lab/pod';

/** The cluster IP of the router's Service. */
export const SERVICE = { ipv4: '10.96.0.40', ipv6: 'fd00:10:96::40' } as const;

/** A second node, whose pods and those of the first reach each other. */
export function addConnectedNode(lab: Lab, pods: readonly Pod[]): Node {
  const node = lab.addNode('node2', LAN.secondNode);
  for (const { ipv4, ipv6 } of pods) routeTo(node.namespace, { ipv4, ipv6 }, lab.node);
  return node;
}

/** Packets for a pod of another node go to that node. */
export function routeTo(
  from: Namespace,
  { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string },
  { host }: Node,
): void {
  from.batch(`route add ${ipv4}/32 via ${host.ipv4}`, `route add ${ipv6}/128 via ${host.ipv6}`);
}

/** Leads the Service to a pod, as a node's kube-proxy does: for connections that begin from now on. */
export function leadService(node: Namespace, { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string }): void {
  const script = `add table inet service
add chain inet service prerouting { type nat hook prerouting priority dstnat; }
flush chain inet service prerouting
add rule inet service prerouting ip daddr ${SERVICE.ipv4} dnat ip to ${ipv4}
add rule inet service prerouting ip6 daddr ${SERVICE.ipv6} dnat ip6 to ${ipv6}
`;
  const { status, stderr } = node.try(['nft', '-f', '-'], script);
  if (status !== 0) throw new Error(`nft: ${stderr}`);
}

/** A connection as `conntrack -L` prints it. */
export interface ListedConnection {
  readonly protocol: string;
  readonly state: string | undefined;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: string;
  readonly destinationPort: string;
  readonly replySource: string;
  readonly replyDestination: string;
  readonly replySourcePort: string;
  readonly replyDestinationPort: string;
  readonly mark: number;
}

/** The connections of a namespace to an address, sorted. */
export function listConnections(namespace: Namespace, ...destinations: readonly string[]): ListedConnection[] {
  const text = ['ipv4', 'ipv6'].map((family) => namespace.try(['conntrack', '-L', '-f', family]).stdout).join('\n');
  return text
    .split('\n')
    .filter((line) => line.includes('sport='))
    .map(readLine)
    .filter(({ destination }) => destinations.includes(destination))
    .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

function readLine(line: string): ListedConnection {
  const values = (name: string) => [...line.matchAll(new RegExp(` ${name}=(\\S+)`, 'g'))].map(([, value]) => value!);
  const [source, replySource] = values('src') as [string, string];
  const [destination, replyDestination] = values('dst') as [string, string];
  const [sourcePort, replySourcePort] = values('sport') as [string, string];
  const [destinationPort, replyDestinationPort] = values('dport') as [string, string];
  const [protocol] = line.split(' ') as [string];
  return {
    protocol,
    state: /^tcp/.test(line) ? /\d+ ([A-Z_]+) src=/.exec(line)?.[1] : undefined,
    ...{ source, destination, sourcePort, destinationPort },
    ...{ replySource, replyDestination, replySourcePort, replyDestinationPort },
    mark: Number(values('mark')[0] ?? 0),
  };
}

/** Moves what a client's node has of the Service's connections to another pod, as the node part does. */
export function moveConnections(
  node: Namespace,
  { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string },
): void {
  leadService(node, { ipv4, ipv6 });
  for (const each of listConnections(node, SERVICE.ipv4, SERVICE.ipv6)) {
    const isIpv4 = each.destination === SERVICE.ipv4;
    const family = ['-f', isIpv4 ? 'ipv4' : 'ipv6'];
    const ends = [
      ...['-p', each.protocol, '-s', each.source, '-d', each.destination],
      ...['--sport', each.sourcePort, '--dport', each.destinationPort],
    ];
    node.run('conntrack', '-D', ...family, ...ends);
    const state = each.protocol === 'tcp' ? ['--state', 'ESTABLISHED'] : [];
    const translation = ['--dst-nat', isIpv4 ? ipv4 : ipv6];
    node.run('conntrack', '-I', ...ends, ...translation, ...state, '-u', 'SEEN_REPLY,ASSURED', '-t', '300');
  }
}
