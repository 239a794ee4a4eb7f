import { findLink, type Link } from '../netlink/route/link';
import { type Examination, found, PARTS, unseen } from './examination';
import type { Finding } from './finding';
import { type ShellCommand, shellCommand } from './shell-command';
import { nodeCommand, parentLink, restartCommand, type Subject } from './subject';

/** Whether the parent interface exists, is up, and connected. From the pod, only its carrier is visible, on net1. */
export function examineParent(subject: Subject): Examination {
  if (subject.isElsewhere) return unseen(PARTS.parent, "the network namespace of the router's node, which this is not");
  if (subject.node === undefined) return fromPod(subject);
  const parent = parentLink(subject);
  const { master } = subject.config.macvlan;
  if (parent === undefined) return found(missing(subject, master));
  // It can only be found by net1.
  if (master !== undefined && findLink(subject.node.route, master) === undefined) return found(renamed(parent, master));
  if (!parent.isUp) {
    return found({
      id: 'parent-down',
      problem: `The parent interface ${parent.name} is down.`,
      explanation:
        'No packet leaves the node by it. The router has kept its routes and works again as soon as it is up.',
      commands: [shellCommand`ip link set ${parent.name} up`],
    });
  }
  if (parent.hasCarrier) return found();
  return found(
    noCarrier(`The parent interface ${parent.name}`, [
      shellCommand`ip -details link show ${parent.name}`,
      shellCommand`ethtool ${parent.name}`,
    ]),
  );
}

function missing(subject: Subject, master: string | undefined): Finding {
  return {
    id: 'parent-missing',
    problem:
      master === undefined
        ? 'The node has no parent interface: interfaceArgs.master is not set, and there is no default route.'
        : `The node has no parent interface ${master}.`,
    explanation:
      "The router's interface on the LAN depends on it and was removed with it. The parent was renamed or removed, or the pod runs on a node without it.",
    commands: [
      master === undefined ? shellCommand`ip route show default` : shellCommand`ip -brief link show`,
      restartCommand(subject),
    ],
  };
}

function renamed({ name }: Link, master: string): Finding {
  return {
    id: 'parent-missing',
    problem: `The node has no parent interface ${master}: the router's interface is on ${name}.`,
    explanation: 'It was renamed. The router still works, but its next pod will not start.',
    commands: [shellCommand`ip link set ${name} name ${master}   # or change interfaceArgs.master`],
  };
}

function fromPod(subject: Subject): Examination {
  const { pod, plane, config } = subject;
  const link = findLink(pod.route, plane.link.name);
  if (link === undefined || !link.isUp || link.hasCarrier) return found();
  const { master } = config.macvlan;
  const showLink =
    master === undefined
      ? shellCommand`ip -oneline -details link show | grep ${`^${link.parentIndex}: `}   # on the node`
      : shellCommand`ip -details link show ${master}   # on the node`;
  return found(noCarrier(link.name, [nodeCommand(subject), showLink]));
}

function noCarrier(what: string, commands: readonly ShellCommand[]): Finding {
  return {
    id: 'no-carrier',
    problem: `${what} has no carrier.`,
    explanation: 'The cable is unplugged, the switch port is off, or the lower interface is down.',
    commands,
  };
}
