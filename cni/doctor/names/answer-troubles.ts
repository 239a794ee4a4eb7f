import {
  type AddressPolicy,
  type AddressRefusal,
  judge,
  type RefusedAddress,
} from '../../../src/domain/names/address-policy';
import { refusalText } from '../../../src/domain/names/name-text';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { kubectl } from '../deployment';
import type { Subject } from '../subject';
import { decidingAnswer, type FamilyAnswers, type HostAnswers, type KnownResolver } from './host-questions';
import { effect, listText, type NameTrouble } from './name-trouble';
import { dig, unresolved } from './unresolved';

/** What answers for a host are compared with. */
export interface Wanted {
  readonly policy: AddressPolicy;
  /** The addresses in force; absent: they are not known. */
  readonly held: readonly IpAddress[] | undefined;
}

/** What is wrong with a host, by the answers that the router would take. */
export function answerTroubles(
  subject: Subject,
  resolver: KnownResolver,
  answers: HostAnswers,
  { policy, held }: Wanted,
): NameTrouble[] {
  const resolved = answers.families.map((of) => ({ of, addresses: addressesOf(of) }));
  if (resolved.every(({ addresses }) => addresses.length === 0)) return [unresolved(subject, resolver, answers, held)];
  const { name } = answers.host;
  const judged = resolved.map(({ of, addresses }) => ({ of, ...judge(addresses, policy) }));
  const refused = judged.flatMap((family) =>
    family.refused.map((each) => ({ each, command: dig(subject.config.addresses, resolver, name, family.of) })),
  );
  const reasons = [...new Map(refused.map((one) => [one.each.reason, one])).values()];
  return [
    ...reasons.map(({ each, command }) => ({
      ...refusal(name, each),
      notes: [
        ...others(
          refused.map((one) => one.each),
          each,
        ),
        ...effect(held),
      ],
      commands: [command],
    })),
    ...(held === undefined
      ? []
      : judged.flatMap(({ of: { family }, used }) => stale(subject, name, family, used, held))),
  ];
}

function addressesOf(answers: FamilyAnswers): readonly IpAddress[] {
  const { answer } = decidingAnswer(answers);
  return 'failure' in answer ? [] : answer.addresses;
}

/** Further addresses that are refused for the same reason. */
function others(refused: readonly RefusedAddress[], { address, reason }: RefusedAddress): string[] {
  const same = refused.filter((one) => one.reason === reason && one.address.text !== address.text);
  return same.length === 0 ? [] : [`so are ${listText(same.map((one) => one.address))}`];
}

/** Those of the cluster and of the pod itself lead back to the router. */
const LOOPS: readonly AddressRefusal[] = ['cluster', 'own'];

function refusal(name: string, each: RefusedAddress): Omit<NameTrouble, 'notes' | 'commands'> {
  if (LOOPS.includes(each.reason)) {
    return {
      id: 'name-loop',
      name,
      problem: `DNS leads ${name} back to the router: ${refusalText(each)}`,
      ofSeveral: 'are led back to the router by DNS',
      explanation:
        "The DNS server is the cluster's own or asks it, and there the name leads clients to the router's Service: connections would go round. The address is not used. Name DNS servers outside of the cluster in the router's resolver.",
    };
  }
  return {
    id: 'name-refused',
    name,
    problem: `${name} resolves to an address that is refused: ${refusalText(each)}`,
    ofSeveral: `resolve to addresses that are refused (${each.reason})`,
    explanation: REASONS[each.reason] ?? ELSEWHERE,
  };
}

const ELSEWHERE =
  "The address is not used. A partner's server is not there: the name's zone is wrong, or its owner leads clients into the router's own surroundings (DNS rebinding).";

const REASONS: Partial<Record<AddressRefusal, string>> = {
  'not-allowed':
    "The address is not used. If the partner has moved, add its new network to the host's allowedCidrs; else another host may have taken the name over.",
  'no-gateway':
    "The address is not used. The router has no gateway by which it could reach other networks than its own: give it the LAN's.",
};

/** Whether new connections get other addresses than those of the answer. */
function stale(
  { deployment }: Subject,
  name: string,
  family: Family,
  answered: readonly IpAddress[],
  held: readonly IpAddress[],
): NameTrouble[] {
  const inForce = held.filter((each) => each.family === family);
  if (answered.length === 0 || isInForce(answered, inForce)) return [];
  const isOne = answered.length === 1;
  return [
    {
      id: 'name-stale',
      name,
      problem: `DNS answers ${listText(answered)} for ${name}, which ${isOne ? 'is' : 'are'} not in force`,
      ofSeveral: 'have addresses by DNS that are not in force',
      notes: effect(inForce),
      explanation:
        'The router asks again when the TTL of its last answer ends, within 5 minutes, and after failures within 2. If it keeps the addresses for longer, it gets other answers, or its process does not run.',
      commands: [kubectl(deployment, ['logs'])],
    },
  ];
}

/** Answers with several addresses may be a part of all, in turn. */
function isInForce(answered: readonly IpAddress[], inForce: readonly IpAddress[]): boolean {
  const texts = new Set(inForce.map(({ text }) => text));
  return answered.length === 1 && inForce.length === 1
    ? texts.has(answered[0]!.text)
    : answered.some(({ text }) => texts.has(text));
}
