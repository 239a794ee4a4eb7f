import { contains } from '../../../src/config/cidr';
import type { IpAddress } from '../../../src/config/ip-address';
import { type Neighbour, neighboursOf } from '../../../src/config/serve-config';
import { listAddresses } from '../../netlink/route/address';
import { findLink, type Link } from '../../netlink/route/link';
import { type Examination, found, together, unseen } from '../examination';
import { parentLink } from '../examine-parent';
import type { Finding } from '../finding';
import { nodeCommand, type Place, parentWords, type Subject } from '../subject';
import { answersOn, type Silence, silentNeighbours } from './ask-neighbours';
import { filteredMac } from './filtered-mac';
import { hostsBeside } from './hosts-beside';

/** Whether the gateways, or what stands in for them, answer on the router's interface; and if not, who they answer. */
export function examineGateway(subject: Subject): Examination {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  const neighbours = neighboursOf(subject.config);
  if (link === undefined || neighbours.length === 0) return found();
  const answerless = silentNeighbours(subject.pod, link, neighbours);
  const unasked = answerless
    .filter(({ isUnasked }) => isUnasked)
    .map(({ neighbour }) => unseen(`whether ${neighbour.address.text} answers`, 'the same command some seconds later'));
  const silent = answerless.filter(({ isUnasked }) => !isUnasked);
  if (silent.length === 0) return together(unasked);
  const parent = parentLink(subject);
  return together([
    ...unasked,
    subject.node === undefined || parent === undefined
      ? fromPod(subject, silent)
      : fromNode(subject, subject.node, parent, silent),
  ]);
}

function fromPod(subject: Subject, silent: readonly Silence[]): Examination {
  const commands = [nodeCommand(subject)];
  return together([
    found(...silent.map(({ neighbour, detail }) => gatewaySilent(subject, neighbour, commands, detail))),
    ...silent.map(({ neighbour }) => unseen(`whether ${neighbour.address.text} answers the node itself`, 'the node')),
  ]);
}

/** They do not answer net1: the node's own view tells why. */
function fromNode(subject: Subject, node: Place, parent: Link, silent: readonly Silence[]): Examination {
  const addresses = silent.map(({ neighbour }) => neighbour.address);
  const answers = answersOn(node, parent, addresses);
  if (answers === 'forbidden') return fromPod(subject, silent);
  const unheard = addresses.filter(({ text }) => !answers.has(text));
  const others = unheard.length === 0 ? [] : hostsBeside(node, parent, unheard);
  const own = listAddresses(node.route).map(({ cidr }) => cidr.address.text);
  return found(
    ...silent.map(({ neighbour }) => {
      const mac = answers.get(neighbour.address.text);
      if (mac !== undefined) return filteredMac(subject, neighbour, parent, mac);
      if (own.includes(neighbour.address.text)) return onOwnNode(subject, neighbour);
      return wrongSubnet(subject, neighbour, parent, others) ?? unanswered(subject, neighbour, parent);
    }),
  );
}

function wrongSubnet(
  { config }: Subject,
  { address }: Neighbour,
  { name }: Link,
  hosts: readonly IpAddress[],
): Finding | undefined {
  const own = config.addresses.find(({ cidr }) => cidr.address.family === address.family)!.cidr;
  const others = hosts.filter(({ family }) => family === address.family);
  if (others.length === 0 || others.some((other) => contains(own, other))) return undefined;
  return {
    id: 'wrong-subnet',
    problem: `${name} is on another network than ${own.text}: others are heard there, and nobody of this subnet.`,
    details: others.slice(0, 5).map(({ text }) => `${text} is heard on ${name}`),
    explanation:
      'The VLAN of the switch port or of the interface is another one, the parent interface is, or the reserved address.',
    commands: [`ip neigh show dev ${name}`, `ip -details link show ${name}`, `tcpdump -n -e -p -i ${name} arp or vlan`],
  };
}

/** A macvlan interface never reaches the kernel of its own node. */
function onOwnNode(subject: Subject, neighbour: Neighbour): Finding {
  const { text } = neighbour.address;
  return {
    ...gatewaySilent(subject, neighbour, [`ip address show to ${text}   # on the node`]),
    explanation: `The node itself has ${text}: a macvlan interface reaches everybody on the LAN but its own node. Run the router on another node, or give it an interface that does not carry this address.`,
  };
}

function unanswered(subject: Subject, neighbour: Neighbour, { name }: Link): Finding {
  const { address } = neighbour;
  const ask = address.family === 4 ? `arping -c 3 -I ${name} ${address.text}` : `ndisc6 ${address.text} ${name}`;
  return gatewaySilent(subject, neighbour, [`${ask}   # on the node`]);
}

function gatewaySilent(
  subject: Subject,
  { address, isGateway }: Neighbour,
  commands: readonly string[],
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
        : `It answers the node itself as little: it is down, has another address, or is not on the network of ${parentWords(subject)}.`,
    commands,
  };
}
