import { findParent } from '../data-plane/parent-interface';
import { findLink, type Link } from '../netlink/route/link';
import { type Examination, found } from './examination';
import { nodeCommand, parentWords, restartCommand, type Subject } from './subject';

/** The parent interface, where the node can be seen. */
export function parentLink({ node, config }: Subject): Link | undefined {
  return node && findParent(node.route, config);
}

/** Whether the parent interface is there, up, and connected. From the pod, its carrier alone shows on net1. */
export function examineParent(subject: Subject): Examination {
  if (subject.node === undefined) return fromPod(subject);
  const parent = parentLink(subject);
  const name = parentWords(subject);
  if (parent === undefined) {
    return found({
      id: 'parent-missing',
      problem: `The node has no parent interface ${name}.`,
      explanation:
        "The router's interface on the LAN is made on it, and ended with it. It was renamed or removed, or the pod runs on a node that never had it.",
      commands: ['ip -brief link show', restartCommand(subject)],
    });
  }
  if (!parent.isUp) {
    return found({
      id: 'parent-down',
      problem: `The parent interface ${parent.name} is down.`,
      explanation: 'Nothing leaves the node by it. The router has kept its routes, and goes on as soon as it is up.',
      commands: [`ip link set ${parent.name} up`],
    });
  }
  return parent.hasCarrier ? found() : found(noCarrier(`The parent interface ${parent.name}`, parent.name, []));
}

function fromPod(subject: Subject): Examination {
  const { pod, plane } = subject;
  const link = findLink(pod.route, plane.link.name);
  if (link === undefined || !link.isUp || link.hasCarrier) return found();
  return found(noCarrier(link.name, parentWords(subject), [nodeCommand(subject)]));
}

function noCarrier(what: string, parent: string, further: readonly string[]) {
  return {
    id: 'no-carrier' as const,
    problem: `${what} has no carrier.`,
    explanation: 'The cable is out, the switch port is off, or the interface below is down.',
    commands: [...further, `ip -details link show ${parent}`, `ethtool ${parent}`],
  };
}
