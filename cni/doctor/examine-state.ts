import { isForwarding, isSettingOf } from '../../src/domain/data-plane/data-plane';
import {
  type Parent,
  type RoutingDifferences,
  routingDifferences,
  settingDifferences,
} from '../data-plane/differences';
import { observeKept, observeRouting, observeSettings } from '../data-plane/observe';
import { findParent, lowerIndex } from '../data-plane/parent-interface';
import type { Link } from '../netlink/route/link';
import { type Examination, found, together } from './examination';
import { examineClients } from './examine-clients';
import { examineForeignRules } from './examine-foreign-rules';
import type { FindingId } from './finding';
import { parentLink, restartCommand, type Subject } from './subject';

/** Whether links, addresses, routes, policy rules and settings are as ADD made them. It needs no privileges. */
export function examineState(subject: Subject): Examination {
  const { pod, plane } = subject;
  const observed = { ...observeRouting(pod.route, plane), ...observeKept(pod.route, plane) };
  const differences = routingDifferences(plane, observed, parentOf(subject, observed.link));
  const name = plane.link.name;
  const state = stating(subject);
  return together([
    state(
      'link',
      differences.link,
      `${name} differs from what the plugin made.`,
      'Another program or an administrator changed or removed it.',
    ),
    state(
      'address',
      differences.addresses,
      `The addresses of ${name} differ from the configuration.`,
      `A missing reserved address is not answered for, and its routes are gone with it. When ${name} goes down, the kernel removes the routes of both families and the IPv6 addresses, and does not restore them.`,
    ),
    state(
      'route',
      differences.routes,
      'The routes to the LAN differ from what the plugin made.',
      `Without them, redirected traffic is rejected. When ${name} goes down, the kernel removes them and does not restore them.`,
    ),
    state(
      'policy-rule',
      differences.policyRules,
      'The policy rules differ from what the plugin made.',
      "They send redirected traffic to the LAN's routes; without them it is rejected, or leaves with the node's address.",
    ),
    examineSettings(subject, observed.link),
    examineForeignRules(subject),
    examineReturns(subject, differences),
  ]);
}

/** The copy of the default routes matters by itself as long as clients are answered. */
function examineReturns(subject: Subject, { keptRoutes }: RoutingDifferences): Examination {
  const clients = examineClients(subject);
  if (clients.findings.length > 0) return clients;
  return stating(subject)(
    'client-route',
    keptRoutes,
    "The copy of the pod's default routes differs from what the plugin made.",
    'Clients that no other route of the pod leads to are answered by the original alone. Multus deletes it where the annotation of the pod has default-route.',
  );
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
      "Clients get no answer. A program on the node changed the pod's settings, or a container changed its own.",
    ),
    state(
      'sysctl',
      settingDifferences(others, settings),
      'Kernel settings differ from what the plugin made.',
      'A program on the node changes the settings of running pods.',
    ),
  ]);
}

/** The finding for one kind of differences. */
function stating(subject: Subject) {
  return (id: FindingId, details: readonly string[], problem: string, explanation: string): Examination =>
    details.length === 0 ? found() : found({ id, details, problem, explanation, commands: [restartCommand(subject)] });
}

/** The expected parent of the link; if it has no name or the node is not accessible, the actual one. */
function parentOf(subject: Subject, link: Link | undefined): Parent {
  const { node, config } = subject;
  const named = config.macvlan.master === undefined ? undefined : node && findParent(node.route, config);
  const parent = named ?? parentLink(subject);
  if (parent !== undefined) return { ...parent, index: lowerIndex(parent) };
  return { name: 'the parent', index: link?.parentIndex ?? 0, mtu: link?.mtu ?? 0 };
}
