import { isForwarding, isSettingOf } from '../../src/domain/data-plane/data-plane';
import { type Parent, routingDifferences, settingDifferences } from '../data-plane/differences';
import { observeRouting, observeSettings } from '../data-plane/observe';
import { findParent, lowerIndex } from '../data-plane/parent-interface';
import type { Link } from '../netlink/route/link';
import { type Examination, found, together } from './examination';
import { examineClients } from './examine-clients';
import { examineForeignRules } from './examine-foreign-rules';
import type { FindingId } from './finding';
import { parentLink, restartCommand, type Subject } from './subject';

/** Whether links, addresses, routes, policy rules and settings are as ADD made them. It needs no privilege. */
export function examineState(subject: Subject): Examination {
  const { pod, plane } = subject;
  const observed = observeRouting(pod.route, plane);
  const differences = routingDifferences(plane, observed, parentOf(subject, observed.link));
  const name = plane.link.name;
  const state = stating(subject);
  return together([
    state('link', differences.link, `${name} is not as the plugin made it.`, 'Somebody changed or removed it.'),
    state(
      'address',
      differences.addresses,
      `The addresses of ${name} are not as configured.`,
      `Nobody answers for a reserved address that is missing, and its routes went with it. Whenever ${name} goes down, the kernel removes the routes of both families and the addresses of IPv6, and does not bring them back.`,
    ),
    state(
      'route',
      differences.routes,
      'The routes to the LAN are not as the plugin made them.',
      `Redirected traffic is refused without them. Whenever ${name} goes down, the kernel removes them, and does not bring them back.`,
    ),
    state(
      'policy-rule',
      differences.policyRules,
      'The policy rules are not as the plugin made them.',
      "They lead redirected traffic to the routes of the LAN; without them it is refused, or leaves with the node's address.",
    ),
    examineSettings(subject, observed.link),
    examineForeignRules(subject),
    examineClients(subject),
  ]);
}

function examineSettings(subject: Subject, link: Link | undefined): Examination {
  const { pod, plane } = subject;
  const settings = pod.run(() => observeSettings(plane));
  // Those of an interface end with it.
  const wanted = plane.sysctls.filter((setting) => link !== undefined || !isSettingOf(plane.link.name, setting));
  const forwarding = wanted.filter(isForwarding);
  const others = wanted.filter((setting) => !isForwarding(setting));
  const state = stating(subject);
  return together([
    state(
      'forwarding',
      settingDifferences(forwarding, settings),
      'The pod does not forward.',
      'Clients get no answer. Something on the node writes these settings into pods, or the container changed its own.',
    ),
    state(
      'sysctl',
      settingDifferences(others, settings),
      'Kernel settings are not as the plugin made them.',
      'Something on the node writes settings into pods after they were made.',
    ),
  ]);
}

/** What is told of a kind of differences, where there are any. */
function stating(subject: Subject) {
  return (id: FindingId, details: readonly string[], problem: string, explanation: string): Examination =>
    details.length === 0 ? found() : found({ id, details, problem, explanation, commands: [restartCommand(subject)] });
}

/** What the link should sit on; where no name says that, or the node cannot be seen, on whatever it sits on. */
function parentOf(subject: Subject, link: Link | undefined): Parent {
  const { node, config } = subject;
  const named = config.macvlan.master === undefined ? undefined : node && findParent(node.route, config);
  const parent = named ?? parentLink(subject);
  if (parent !== undefined) return { ...parent, index: lowerIndex(parent) };
  return { name: 'the parent', index: link?.parentIndex ?? 0, mtu: link?.mtu ?? 0 };
}
