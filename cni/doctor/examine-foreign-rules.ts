import { ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { LOOPBACK } from '../../src/domain/data-plane/nft-statements';
import { ANSWER_PRIORITY, LOOKUP_PRIORITY, REFUSAL_PRIORITY } from '../../src/domain/data-plane/routing';
import type { Family } from '../../src/domain/values/ip-address';
import { listAddresses } from '../netlink/route/address';
import { RT_TABLE_LOCAL } from '../netlink/route/constants';
import { listPolicyRules, type PolicyRule, policyRuleText } from '../netlink/route/policy-rule';
import { type Examination, found } from './examination';
import { shellCommand } from './shell-command';
import { restartCommand, type Subject } from './subject';

/**
 * Whether policy rules of other programs precede the router's. Those at the priorities of its look-up and rejection are
 * compared elsewhere.
 */
export function examineForeignRules(subject: Subject): Examination {
  const { pod, config } = subject;
  const families = config.addresses.map(({ cidr }) => cidr.address.family);
  const rules = families
    .flatMap((family) => listPolicyRules(pod.route, family))
    .filter((rule) => comesBefore(subject, rule));
  if (rules.length === 0) return found();
  return found({
    id: 'policy-rule',
    problem: 'Also in this pod: policy rules of other programs, before those of the router.',
    details: rules.map((rule) => `ip -${rule.family} rule: ${policyRuleText(rule)}`),
    explanation:
      "They redirect packets of clients, the answers, or the router's own probes, to the pod's main table, which has no route for them, drop them, or skip the router's rules. Another program in the pod or an administrator added them.",
    commands: [
      ...rules.map(
        ({ family, priority }) =>
          shellCommand`ip -${family} rule delete priority ${priority}   # in the pod's network namespace`,
      ),
      restartCommand(subject),
    ],
  });
}

function comesBefore(subject: Subject, rule: PolicyRule): boolean {
  const { priority, protocol, table, goto: target, incoming, outgoing } = rule;
  const { link, primaryInterface } = subject.plane;
  const isCompared = [LOOKUP_PRIORITY, REFUSAL_PRIORITY].includes(priority);
  if (protocol === ROUTE_PROTOCOL || table === RT_TABLE_LOCAL || isCompared) return false;
  // What it skips then, is before the router's rules.
  if (target !== undefined && target <= LOOKUP_PRIORITY) return false;
  if (outgoing !== undefined && outgoing !== link.name) return false;
  // For policy rules, packets of the pod itself have come in by it. Probes leave by net1 whatever the rule looks up,
  // but not if it drops them.
  if (incoming === LOOPBACK)
    return table === undefined && target === undefined && priority <= LOOKUP_PRIORITY && !rule.hasOtherConditions;
  const isOfClients = [undefined, primaryInterface].includes(incoming) && priority < REFUSAL_PRIORITY;
  if (isOfClients) return !isOfPodItself(subject, rule);
  if (priority > ANSWER_PRIORITY) return false;
  return (
    incoming === link.name ||
    (incoming === undefined && rule.source === undefined && rule.outgoing === undefined && !rule.hasOtherConditions)
  );
}

/** Whether a rule of another program may lead packets of the pod itself elsewhere than the router's rules do. */
export function mayDivert({ pod }: Pick<Subject, 'pod'>, family: Family): boolean {
  return listPolicyRules(pod.route, family).some(
    ({ priority, protocol, table, incoming }) =>
      priority <= LOOKUP_PRIORITY &&
      protocol !== ROUTE_PROTOCOL &&
      table !== RT_TABLE_LOCAL &&
      [undefined, LOOPBACK].includes(incoming),
  );
}

/** Such as rules of another interface, for packets from its own address. */
function isOfPodItself({ pod, plane }: Subject, { source }: PolicyRule): boolean {
  if (source === undefined || plane.addresses.some(({ address }) => address.text === source.text)) return false;
  return listAddresses(pod.route).some(({ cidr }) => cidr.address.text === source.text);
}
