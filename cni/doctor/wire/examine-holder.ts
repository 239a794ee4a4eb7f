import type { MacAddress } from '../../../src/config/mac-address';
import { SystemCallError } from '../../ffi/libc';
import { EACCES, EPERM } from '../../netlink/errno';
import { findLink, type Link } from '../../netlink/route/link';
import { type Conflict, findDuplicate, LOCAL_PROBE_TIMING } from '../../packet/duplicate-address';
import { PacketSockets } from '../../packet/packet-sockets';
import { type Examination, found, together, unseen } from '../examination';
import { parentLink } from '../examine-parent';
import type { Finding } from '../finding';
import type { Place, Subject } from '../subject';
import { vendorOf } from './vendor';

/** Somebody else who answers, and where that was heard. */
interface Holder extends Conflict {
  readonly link: Link;
}

/** Whether somebody else answers for a reserved address: asked from the parent, whose frames this router does not hear, and from net1. */
export function examineHolder(subject: Subject): Examination {
  const { node, pod, plane } = subject;
  const parent = parentLink(subject);
  const link = findLink(pod.route, plane.link.name);
  const onLan = node === undefined || parent === undefined ? undefined : ask(subject, node, parent);
  const onNode = link === undefined ? undefined : ask(subject, pod, link);
  const holders = [onLan, onNode].filter((answer) => answer !== 'forbidden' && answer !== undefined);
  const first = new Map(holders.reverse().map((holder) => [`${holder.address.text} ${holder.mac}`, holder]));
  return together([
    found(...[...first.values()].map(finding)),
    ...(node === undefined ? [unseen('another holder of the address with the same MAC address', 'the node')] : []),
    ...(onNode === 'forbidden' ? [unseen('another holder of the address', 'NET_RAW')] : []),
  ]);
}

function ask(subject: Subject, place: Place, link: Link): Holder | 'forbidden' | undefined {
  const addresses = subject.plane.addresses.map(({ address }) => address);
  try {
    using sockets = place.run(() => PacketSockets.open(link, addresses));
    const conflict = findDuplicate(sockets, addresses, place === subject.pod ? LOCAL_PROBE_TIMING : undefined);
    return conflict && { ...conflict, link };
  } catch (error) {
    if (error instanceof SystemCallError && [EPERM, EACCES].includes(error.errno)) return 'forbidden';
    throw error;
  }
}

function finding({ address, mac, link }: Holder): Finding {
  return {
    id: 'conflict',
    problem: `Another host has the address ${address.text}: ${mac}${vendorText(mac)} answers on ${link.name}.`,
    explanation:
      'Replies reach the one or the other, as their switch last heard it. A pod of this router may still run on a node that lost its connection, or the address was given away twice.',
    commands: [
      'kubectl get pods --all-namespaces --output wide   # this router, on another node',
      `bridge fdb show | grep ${mac}   # or the table of the switch: which port it is on`,
    ],
  };
}

function vendorText(mac: MacAddress): string {
  const vendor = vendorOf(mac);
  return vendor === undefined ? '' : ` (${vendor})`;
}
