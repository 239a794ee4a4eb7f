import type { NameFailure } from '../../../src/domain/names/name-answer';
import { failureText } from '../../../src/domain/names/name-text';
import type { ResolverSource } from '../../../src/domain/router/name-resolver';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { Finding } from '../finding';
import { type ShellCommand, shellCommand } from '../shell-command';
import type { Subject } from '../subject';
import { decidingAnswer, type FamilyAnswers, type HostAnswers, type KnownResolver } from './host-questions';
import { effect, type NameTrouble } from './name-trouble';

/** Failures of a DNS server; whether its addresses are used is judged afterwards. */
type ServerFailure = Exclude<NameFailure, 'refused-addresses'>;

/** Why, and who can mend it. */
const REASONS: Readonly<Record<ServerFailure, (source: ResolverSource) => string>> = {
  nxdomain: () =>
    'The name is misspelled or was removed, or only other DNS servers know its zone, such as those of the partner.',
  empty: () => "The name has no address of the router's families: the name of a mail domain, or one with IPv6 alone.",
  servfail: () => "The DNS server gets no valid answer from the servers of the name's zone: ask its administrator.",
  refused: () => 'The DNS server does not answer questions of this address: its administrator has to admit it.',
  timeout: (source) =>
    source === 'reserved'
      ? 'The DNS server is down, or a firewall drops the questions of the reserved address: admit UDP and TCP to port 53.'
      : 'The DNS server is down, or a firewall or another NetworkPolicy of the namespace drops the questions of the pod: admit UDP and TCP to port 53.',
  unreachable: () => 'Nothing listens on port 53 of the server, or no route leads to it.',
  malformed: () => 'Something other than a DNS server answers, or a device on the path changes the answers.',
  loop: () => "The aliases (CNAME) of the name are wrong: only the owner of the name's zone can correct them.",
};

/** The trouble of a host for which no server has an address. */
export function unresolved(
  { config }: Subject,
  resolver: KnownResolver,
  { host: { name }, families }: HostAnswers,
  held: readonly IpAddress[] | undefined,
): NameTrouble {
  const telling = families.find((each) => failureOf(each) !== 'empty') ?? families[0]!;
  const what = telling.answers
    .map(({ server, answer }) => ('failure' in answer ? `${server.text}: ${failureText(answer.failure)}` : undefined))
    .filter((text) => text !== undefined)
    .join('; ');
  return {
    id: 'name-unresolved',
    name,
    problem: `${name} does not resolve: ${what}`,
    ofSeveral: `do not resolve: ${what}`,
    notes: effect(held),
    explanation: REASONS[failureOf(telling)](resolver.source),
    commands: [dig(config.addresses, resolver, name, telling)],
  };
}

function failureOf(answers: FamilyAnswers): ServerFailure {
  const { answer } = decidingAnswer(answers);
  return 'failure' in answer ? (answer.failure as ServerFailure) : 'empty';
}

/** The question, by the usual tool. */
export function dig(
  addresses: Subject['config']['addresses'],
  { source }: KnownResolver,
  name: string,
  answers: FamilyAnswers,
): ShellCommand {
  const { server } = decidingAnswer(answers);
  const own = addresses.find(({ cidr }) => cidr.address.family === server.family)?.cidr.address;
  const from = source === 'reserved' && own !== undefined ? ['-b', own.text] : [];
  const type = answers.family === 4 ? 'A' : 'AAAA';
  return shellCommand`dig ${[`@${server.text}`, ...from, name, type]}   # in the pod's network namespace`;
}

/** The finding of a router that has no DNS server to ask. */
export function noServer(problems: readonly string[]): Finding {
  return {
    id: 'name-unresolved',
    problem: "No name resolves: the node's DNS servers are not asked.",
    details: problems,
    explanation:
      'The pod gets them from its node (dnsPolicy: Default). A stub on loopback is not reached from the pod, and the DNS of the cluster may lead a name back to the router: name other servers by DnsResolver.servers([…]).',
    commands: [shellCommand`cat /etc/resolv.conf   # in the pod`],
  };
}
