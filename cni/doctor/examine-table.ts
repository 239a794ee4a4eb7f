import type { NetworkConfig } from '../../src/config/network-config';
import { destinationEntry } from '../../src/config/redirect-rule';
import { type RulesInForce, readRulesInForce } from '../data-plane/rules-in-force';
import { EPERM } from '../netlink/errno';
import { hasErrno } from '../netlink/netlink-error';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { type Examination, found, unseen } from './examination';
import { restartCommand, type Subject } from './subject';

/** The rules that the kernel has; nothing where this process may not ask. */
export function rulesInForce({ pod, config, plane }: Subject): RulesInForce | undefined {
  try {
    using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket'));
    return readRulesInForce(socket, config, { link: plane.link.name, primary: plane.primaryInterface });
  } catch (error) {
    if (hasErrno(error, EPERM)) return undefined;
    throw error;
  }
}

/** Whether the table redirects what it should, modulo the marks, which live changes choose anew. */
export function examineTable(subject: Subject, inForce: RulesInForce | undefined): Examination {
  if (inForce === undefined) return unseen('the nf_tables table and its rules', 'NET_ADMIN');
  const details = [...inForce.differences, ...(subject.knowsRules ? ruleDifferences(subject.config, inForce) : [])];
  if (details.length === 0) return found();
  return found({
    id: 'table',
    problem: 'The nf_tables table is not the one of this router.',
    details,
    explanation:
      'Rules that are missing refuse their clients; foreign ones may let others in. Somebody changed it by hand, or another program in the pod did.',
    commands: ["nft list table inet egress_router   # in the pod's network namespace", restartCommand(subject)],
  });
}

function ruleDifferences(config: NetworkConfig, { marked }: RulesInForce): string[] {
  const wanted = new Set([...config.rules.map(destinationEntry), ...config.fallbacks.map(({ text }) => text)]);
  const kernel = new Set([
    ...marked.rules.map(({ rule }) => destinationEntry(rule)),
    ...marked.fallbacks.map(({ address }) => address.text),
  ]);
  return [
    ...[...wanted].filter((rule) => !kernel.has(rule)).map((rule) => `the rule "${rule}" is not in force`),
    ...[...kernel]
      .filter((rule) => !wanted.has(rule))
      .map((rule) => `the rule "${rule}" is in force, and not configured`),
  ];
}
