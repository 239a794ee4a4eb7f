import { type Neighbour, neighboursOf } from '../../../src/domain/router/serve-config';
import { bitsOf, contains } from '../../../src/domain/values/cidr';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { listAddresses } from '../../netlink/route/address';
import { findLink, type Link } from '../../netlink/route/link';
import { cutOff, type Examination, found, PARTS, together, unseen } from '../examination';
import type { Finding } from '../finding';
import { type ShellCommand, shellCommand } from '../shell-command';
import { type NamespaceView, nodeCommand, parentLink, parentWords, type Subject } from '../subject';
import { MORE_TIME, type TimeLimit } from '../time-limit';
import { hostsOnLan } from './hosts-on-lan';
import { answersOn, probeNeighbours, type Silence } from './probe-neighbours';

/**
 * Whether the gateways, or destinations in their place, answer on the router's interface; and if not, whom they answer.
 */
export function examineGateway(subject: Subject, time: TimeLimit): Examination {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  const neighbours = neighboursOf(subject.config);
  if (link === undefined) return found();
  // Another routing table than the default one may be in use.
  if (subject.isGuessed && neighbours.length === 0) return unseen(PARTS.gateway, 'a configuration that can be read');
  if (neighbours.length === 0) return found();
  const hearing = probeNeighbours(subject.pod, link, neighbours, time);
  return together([
    ...hearing.unsure.map(({ address }) =>
      // With the settings of a health port, the kernel probes again every second.
      subject.config.options.healthPort === undefined
        ? unseen(`whether ${address.text} still answers: it has, within the last 43 s`, 'NET_RAW, or the node')
        : found(),
    ),
    ...hearing.silent.filter(isUnknown).map(unknown),
    silence(
      subject,
      hearing.silent.filter((each) => !isUnknown(each)),
      time,
    ),
  ]);
}

/** Whether nothing has been asked, so that silence says nothing. */
function isUnknown({ isUnasked, obstacle }: Silence): boolean {
  return isUnasked || obstacle !== undefined;
}

function unknown({ neighbour, obstacle }: Silence): Examination {
  const { text } = neighbour.address;
  if (obstacle === undefined) return unseen(`whether ${text} answers`, 'the same command some seconds later');
  return unseen(`whether ${text} answers: the probe was not sent (${obstacle})`, 'NET_RAW, or the node');
}

function silence(subject: Subject, silent: readonly Silence[], time: TimeLimit): Examination {
  if (silent.length === 0) return found();
  if (!time.allows(1)) return cutOff(`whether ${listText(silent)} answers`, MORE_TIME);
  const parent = parentLink(subject);
  if (subject.node === undefined || parent === undefined) return fromPod(subject, silent);
  if (time.allows(LONGEST_OF_NODE_MILLISECONDS)) return fromNode(subject, subject.node, parent, silent);
  return together([
    ofRouterAlone(subject, silent, []),
    cutOff(`whether ${listText(silent)} answers the node itself`, MORE_TIME),
  ]);
}

function listText(silent: readonly Silence[]): string {
  return silent.map(({ neighbour }) => neighbour.address.text).join(' or ');
}

/** Probes and listens on the parent. */
const LONGEST_OF_NODE_MILLISECONDS = 800;

function fromPod(subject: Subject, silent: readonly Silence[]): Examination {
  return together([
    ofRouterAlone(subject, silent, [nodeCommand(subject)]),
    ...silent.map(({ neighbour }) => unseen(`whether ${neighbour.address.text} answers the node itself`, 'the node')),
  ]);
}

function ofRouterAlone(subject: Subject, silent: readonly Silence[], commands: readonly ShellCommand[]): Examination {
  return found(...silent.map(({ neighbour, detail }) => gatewaySilent(subject, neighbour, commands, detail)));
}

/** They do not answer net1: the node can find the reason. */
function fromNode(subject: Subject, node: NamespaceView, parent: Link, silent: readonly Silence[]): Examination {
  const addresses = silent.map(({ neighbour }) => neighbour.address);
  const answers = answersOn(node, parent, addresses);
  if (answers === 'forbidden') return fromPod(subject, silent);
  const unheard = silent.map(({ neighbour }) => neighbour).filter(({ address }) => !answers.has(address.text));
  const others =
    unheard.length === 0
      ? []
      : hostsOnLan(
          node,
          parent,
          unheard.map(({ address }) => address),
        );
  const own = listAddresses(node.route).map(({ cidr }) => cidr.address.text);
  return found(
    ...(answers.size === 0 ? [] : [filteredMac(subject, answers, parent)]),
    ...unheard.map((neighbour) =>
      own.includes(neighbour.address.text)
        ? onOwnNode(subject, neighbour)
        : (wrongSubnet(subject, neighbour, parent, others) ?? unanswered(subject, neighbour, parent)),
    ),
  );
}

function wrongSubnet(
  { config }: Subject,
  { address }: Neighbour,
  { name }: Link,
  hosts: readonly IpAddress[],
): Finding | undefined {
  const own = config.addresses.find(({ cidr }) => cidr.address.family === address.family)!.cidr;
  // A subnet of one address tells nothing of its neighbours.
  if (own.prefixLength === bitsOf(address.family)) return undefined;
  const others = hosts.filter(({ family }) => family === address.family);
  if (others.length === 0 || others.some((other) => contains(own, other))) return undefined;
  return {
    id: 'wrong-subnet',
    problem: `${name} is on another network than ${own.text}: hosts of other subnets are heard there, but none of this subnet.`,
    details: others.slice(0, 5).map(({ text }) => `${text} is heard on ${name}`),
    explanation:
      'The VLAN of the switch port or of the interface is wrong, or the parent interface, or the reserved address.',
    commands: [
      shellCommand`ip neigh show dev ${name}`,
      shellCommand`ip -details link show ${name}`,
      shellCommand`tcpdump -n -e -p -i ${name} arp or vlan`,
    ],
  };
}

/** A macvlan interface never reaches the kernel of its own node. */
function onOwnNode(subject: Subject, neighbour: Neighbour): Finding {
  const { text } = neighbour.address;
  return {
    ...gatewaySilent(subject, neighbour, [shellCommand`ip address show to ${text}   # on the node`]),
    explanation: `The node itself has ${text}: a macvlan interface reaches every host on the LAN except its own node. Run the router on another node, or use a parent interface without this address.`,
  };
}

function unanswered(subject: Subject, neighbour: Neighbour, { name }: Link): Finding {
  const { address } = neighbour;
  const ask = address.family === 4 ? ['arping', '-c', '3', '-I', name, address.text] : ['ndisc6', address.text, name];
  return gatewaySilent(subject, neighbour, [shellCommand`${ask}   # on the node`]);
}

function gatewaySilent(
  subject: Subject,
  { address, isGateway }: Neighbour,
  commands: readonly ShellCommand[],
  detail?: string,
): Finding {
  const what = isGateway ? 'gateway' : 'destination';
  return {
    id: 'gateway-silent',
    problem: `The ${what} ${address.text} does not answer ${address.family === 4 ? 'ARP' : 'neighbour solicitations'}.`,
    ...(detail === undefined ? {} : { details: [detail] }),
    explanation:
      subject.node === undefined
        ? `It is down, not on the network of ${parentWords(subject)}, or the platform drops frames of the router's MAC address.`
        : `It does not answer the node itself either: it is down, has another address, or is not on the network of ${parentWords(subject)}.`,
    commands,
  };
}

/**
 * The gateway receives frames of the node but not of the router: a filter between them passes only known MAC addresses.
 *
 * @param answers the MACs that answer the node, by address; one for each family
 */
export function filteredMac(
  { config, plane }: Subject,
  answers: ReadonlyMap<string, MacAddress>,
  parent: Link,
): Finding {
  const pairs = config.addresses.flatMap(({ cidr }) => [
    '--allowed-address',
    `ip-address=${cidr.address.text},mac-address=${config.macAddress}`,
  ]);
  const who = [...answers].map(([address, mac]) => `${address} (${mac})`).join(' and ');
  return {
    id: 'mac-filtered',
    problem: `${who} ${answers.size === 1 ? 'answers' : 'answer'} the MAC address of ${parent.name} (${parent.mac}), and not that of ${plane.link.name} (${config.macAddress}).`,
    explanation:
      'Frames with a second MAC address are dropped between the node and the gateway: port security of the platform or of the switch.',
    commands: [
      shellCommand`openstack port set ${pairs} PORT   # OpenStack: the node's port, of MAC address ${parent.mac}`,
      shellCommand`govc host.portgroup.change -host=HOST -allow-promiscuous=true -forged-transmits=true -mac-changes=true PORTGROUP   # vSphere, standard switch: the port group of the node's egress interface, on each host`,
      shellCommand`Get-VDPortgroup PORTGROUP | Get-VDSecurityPolicy | Set-VDSecurityPolicy -AllowPromiscuous $true -ForgedTransmits $true -MacChanges $true   # vSphere, distributed switch, in PowerCLI: govc has no such command`,
    ],
  };
}
