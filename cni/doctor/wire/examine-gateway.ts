import { type Cidr, contains } from '../../../src/config/cidr';
import type { IpAddress } from '../../../src/config/ip-address';
import type { MacAddress } from '../../../src/config/mac-address';
import { type Neighbour, neighboursOf } from '../../../src/config/serve-config';
import { SystemCallError, waitForInput } from '../../ffi/libc';
import { EACCES, EPERM, errnoName } from '../../netlink/errno';
import { findLink, type Link } from '../../netlink/route/link';
import { neighbourState } from '../../netlink/route/neighbour';
import { DatagramSocket } from '../../packet/datagram-socket';
import { findDuplicate } from '../../packet/duplicate-address';
import { PacketSockets } from '../../packet/packet-sockets';
import { type Examination, found, together, unseen } from '../examination';
import { parentLink } from '../examine-parent';
import type { Finding } from '../finding';
import { nodeCommand, type Place, parentWords, type Subject } from '../subject';
import { filteredMac } from './filtered-mac';
import { hostsBeside } from './hosts-beside';

/** "discard": whoever listens there says nothing. */
const PORT = 9;

/** The kernel gives up after half a second, with the settings that ADD made. */
const PATIENCE_MILLISECONDS = 900;

/** Whether the gateways, or what stands in for them, answer on the router's interface; and if not, who they answer. */
export function examineGateway(subject: Subject): Examination {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  if (link === undefined) return found();
  return together(neighboursOf(subject.config).map((neighbour) => examineNeighbour(subject, link, neighbour)));
}

function examineNeighbour(subject: Subject, link: Link, neighbour: Neighbour): Examination {
  const { pod, node } = subject;
  const answer = askByFrames(pod, link, neighbour.address);
  if (answer !== 'forbidden') return answer === undefined ? silent(subject, neighbour) : found();
  const problem = askByDatagram(pod, link, neighbour);
  if (problem === undefined) return found();
  if (node !== undefined) return silent(subject, neighbour);
  return together([
    found(gatewaySilent(subject, neighbour, [nodeCommand(subject)], problem)),
    unseen(`whether ${neighbour.address.text} answers the node itself`, 'the node'),
  ]);
}

/** @returns who answers the interface's own MAC, if anybody does */
function askByFrames(place: Place, link: Link, address: IpAddress): MacAddress | 'forbidden' | undefined {
  try {
    using sockets = place.run(() => PacketSockets.open(link, [address]));
    return findDuplicate(sockets, [address])?.mac;
  } catch (error) {
    if (error instanceof SystemCallError && [EPERM, EACCES].includes(error.errno)) return 'forbidden';
    throw error;
  }
}

/** Without a privilege: a datagram makes the kernel ask, and its table of neighbours tells what came of it. */
function askByDatagram({ route, run }: Place, link: Link, { source, address }: Neighbour): string | undefined {
  try {
    using socket = run(() => DatagramSocket.open(source));
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    for (let state: string | undefined; state !== 'reachable' && state !== 'permanent'; ) {
      if (performance.now() > deadline || state === 'failed') return `its neighbour entry is ${state ?? 'missing'}`;
      if (state === undefined || state === 'stale') socket.send(address, PORT, link.index);
      waitForInput([], 20);
      state = neighbourState(route, address, link.index);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return `${error.call}: ${errnoName(error.errno)}`;
  }
}

/** It does not answer net1: the node's own view tells why. */
function silent(subject: Subject, neighbour: Neighbour): Examination {
  const parent = parentLink(subject);
  if (subject.node === undefined || parent === undefined) return found(gatewaySilent(subject, neighbour, []));
  const { address } = neighbour;
  const mac = askByFrames(subject.node, parent, address);
  if (mac !== undefined && mac !== 'forbidden') return found(filteredMac(subject, neighbour, parent, mac));
  const own = subject.config.addresses.find(({ cidr }) => cidr.address.family === address.family)!.cidr;
  const others = hostsBeside(subject.node, parent, address);
  if (others.length > 0 && !others.some((other) => contains(own, other))) {
    return found(wrongSubnet(parent, own, others));
  }
  return found(gatewaySilent(subject, neighbour, [`arping -c 3 -I ${parent.name} ${address.text}   # on the node`]));
}

function wrongSubnet({ name }: Link, own: Cidr, others: readonly IpAddress[]): Finding {
  return {
    id: 'wrong-subnet',
    problem: `${name} is on another network than ${own.text}: others are heard there, and nobody of this subnet.`,
    details: others.slice(0, 5).map(({ text }) => `${text} is heard on ${name}`),
    explanation:
      'The VLAN of the switch port or of the interface is another one, the parent interface is, or the reserved address.',
    commands: [`ip neigh show dev ${name}`, `ip -details link show ${name}`, `tcpdump -n -e -i ${name} arp or vlan`],
  };
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
