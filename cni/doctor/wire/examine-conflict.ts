import type { MacAddress } from '../../../src/domain/values/mac-address';
import { type HolderKind, holderKind } from '../../address-conflict/holder-kind';
import { nodeSenders } from '../../address-conflict/node-senders';
import { type Conflict, findConflict, LOCAL_PROBE_TIMING, PROBE_TIMING } from '../../address-conflict/probe';
import { listAddresses } from '../../netlink/route/address';
import { findLink, findLinkByIndex, type Link } from '../../netlink/route/link';
import { decodeEthernet } from '../../packet/ethernet';
import { PacketSockets } from '../../packet/packet-sockets';
import { framesUntil } from '../../packet/received-frames';
import { type Examination, found, together, unseen } from '../examination';
import type { Finding } from '../finding';
import { shellCommand } from '../shell-command';
import { type NamespaceView, parentLink, type Subject } from '../subject';
import { answersOn } from './probe-neighbours';
import { unlessForbidden } from './unless-forbidden';

const SAME_MAC = 'another holder of the address with the same MAC address';

/** Another holder, and the interface that heard it. */
interface Holder extends Conflict {
  readonly link: Link;
  /** Nothing for a holder on the same node. */
  readonly kind?: HolderKind;
}

/**
 * Whether another host has a reserved address: probes from the parent, whose frames this router does not receive, and
 * from net1, the only one to reach other pods of the node. Neither reaches the node's kernel, whose addresses are read
 * instead.
 */
export function examineConflict(subject: Subject): Examination {
  const { node, pod, plane } = subject;
  const parent = parentLink(subject);
  const link = findLink(pod.route, plane.link.name);
  const onLan =
    node === undefined || parent === undefined
      ? undefined
      : unlessForbidden(() => probeFromParent(subject, node, parent, link));
  const onNode = link === undefined ? undefined : probe(subject, pod, link);
  const holders = [onLan, onNode].filter((answer) => answer !== undefined && typeof answer !== 'string');
  const first = new Map(holders.reverse().map((holder) => [`${holder.address.text} ${holder.mac}`, holder]));
  return together([
    ...(node === undefined || parent === undefined ? [] : [examineSenders(subject, node, parent)]),
    found(...[...first.values()].map(finding), ...(node === undefined ? [] : onOwnNode(subject, node))),
    ...(node === undefined ? [unseen(SAME_MAC, 'the node')] : []),
    ...(onLan === 'echo' ? [unseen(SAME_MAC, "a switch that does not reflect the node's frames")] : []),
    ...([onLan, onNode].includes('forbidden') ? [unseen('another holder of the address', 'NET_RAW')] : []),
  ]);
}

/**
 * @returns `echo` if the router itself has answered: some switches reflect a broadcast, such as vSphere's in
 * promiscuous mode, and only then it receives frames of the parent
 */
function probeFromParent(
  subject: Subject,
  node: NamespaceView,
  parent: Link,
  link: Link | undefined,
): Holder | 'forbidden' | 'echo' | undefined {
  if (link === undefined) return withKind(subject, node, parent, probe(subject, node, parent));
  const addresses = subject.plane.addresses.map(({ address }) => address);
  using own = subject.pod.run(() => PacketSockets.open(link, addresses));
  const holder = probe(subject, node, parent);
  if (holder !== undefined && holder !== 'forbidden' && holder.mac === link.mac) {
    for (const frame of framesUntil(performance.now(), own.all)) {
      if (decodeEthernet(frame)?.source === parent.mac) return 'echo';
    }
  }
  return withKind(subject, node, parent, holder);
}

function withKind(
  { config }: Subject,
  node: NamespaceView,
  parent: Link,
  holder: Holder | 'forbidden' | undefined,
): Holder | 'forbidden' | undefined {
  if (holder === undefined || holder === 'forbidden') return holder;
  const router = { host: node.route, parent, macAddress: config.macAddress, reserved: config.addresses };
  return { ...holder, kind: node.run(() => holderKind(holder, router)) };
}

/**
 * Whether the node's questions reach the LAN. Port security of OVN and ML2/OVS drops ARP with sender 0.0.0.0, which the
 * gateway shows: it answers the router, and not a probe. Then only an address of the node on the parent can ask.
 */
function examineSenders({ config }: Subject, node: NamespaceView, parent: Link): Examination {
  const reserved = config.addresses.map(({ cidr }) => cidr);
  const senders = nodeSenders(node.route, parent, reserved);
  const mute = config.addresses.filter(({ cidr }) => !senders.has(cidr.address.family));
  const gateways = mute.flatMap(({ gateway }) => gateway ?? []);
  if (gateways.length === 0) return found();
  const answers = answersOn(node, parent, gateways);
  if (answers === 'forbidden') return found();
  return together(
    gateways
      .filter(({ text }) => !answers.has(text))
      .map((gateway) =>
        unseen(
          `another holder of the address: ${gateway.text} does not answer probes of ${parent.name}, so port security may drop them (ARP with sender 0.0.0.0)`,
          `an address of the subnet on ${parent.name}`,
        ),
      ),
  );
}

function probe(subject: Subject, view: NamespaceView, link: Link): Holder | 'forbidden' | undefined {
  const addresses = subject.plane.addresses.map(({ address }) => address);
  return unlessForbidden(() => {
    using sockets = view.run(() => PacketSockets.open(link, addresses));
    const isInPod = view === subject.pod;
    const senders = isInPod ? undefined : nodeSenders(view.route, link, subject.plane.addresses);
    const conflict = findConflict(sockets, addresses, isInPod ? LOCAL_PROBE_TIMING : PROBE_TIMING, senders);
    return conflict && { ...conflict, link };
  });
}

function onOwnNode({ plane }: Subject, { route }: NamespaceView): Finding[] {
  return listAddresses(route)
    .filter(({ cidr }) => plane.addresses.some(({ address }) => address.text === cidr.address.text))
    .map(({ cidr: { address, text }, interfaceIndex }) => {
      const name = findLinkByIndex(route, interfaceIndex)?.name ?? `if${interfaceIndex}`;
      return {
        id: 'conflict',
        problem: `The node itself has the address ${address.text}, on ${name}.`,
        explanation: 'Both answer for it. It was added to the node by hand or as a virtual address.',
        commands: [shellCommand`ip address delete ${text} dev ${name}   # on the node`],
      };
    });
}

function finding({ address, mac, link, kind }: Holder): Finding {
  const cause = kind === undefined || kind.cause === '' ? '' : `, ${kind.cause}`;
  return {
    id: 'conflict',
    problem: `Another host has the address ${address.text}: ${mac}${vendorText(mac)} answers on ${link.name}${cause}.`,
    explanation:
      kind === undefined || kind.name === 'host'
        ? 'Replies reach one or the other, depending on the switch. A pod of this router may still run on a disconnected node, or the address was assigned twice.'
        : `Replies reach one or the other, depending on the switch. What to do: ${kind.wayOut}.`,
    commands: [
      shellCommand`kubectl get pods --all-namespaces --output wide   # this router, on another node`,
      shellCommand`bridge fdb show | grep ${mac}   # or the table of the switch: which port it is on`,
    ],
  };
}

function vendorText(mac: MacAddress): string {
  const vendor = vendorOf(mac);
  return vendor === undefined ? '' : ` (${vendor})`;
}

/** Well-known prefixes of MAC addresses, and their vendors. */
const VENDORS: readonly (readonly [prefix: string, vendor: string])[] = [
  ['e2:65:', 'an egress router of this library'],
  ['00:50:56:', 'VMware'],
  ['00:0c:29:', 'VMware'],
  ['52:54:00:', 'QEMU/KVM'],
  ['fa:16:3e:', 'OpenStack'],
  ['00:15:5d:', 'Hyper-V'],
  ['00:16:3e:', 'Xen'],
  ['50:6b:8d:', 'Nutanix AHV'],
  ['00:1a:4a:', 'oVirt'],
  ['56:6f:', 'oVirt'],
  ['02:42:', 'a container of Docker'],
  ['0a:58:', 'a pod of OVN-Kubernetes'],
  ['ee:ee:', 'Calico'],
  ['00:00:5e:00:01:', 'VRRP, an address that moves between routers'],
  ['00:00:5e:00:02:', 'VRRP, an address that moves between routers'],
];

/** @see https://standards-oui.ieee.org/ */
export function vendorOf(mac: MacAddress): string | undefined {
  return VENDORS.find(([prefix]) => mac.startsWith(prefix))?.[1];
}
