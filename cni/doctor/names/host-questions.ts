import type { NameAnswer } from '../../../src/domain/names/name-answer';
import type { Host } from '../../../src/domain/router/host';
import { familiesOf, type NameResolver } from '../../../src/domain/router/name-resolver';
import type { ReservedAddress } from '../../../src/domain/router/reserved-address';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { isFinalAnswer, ROUNDS } from '../../serve/names/dns-client';
import { NameServers } from '../../serve/names/name-servers';

/** What a DNS server answers. */
export interface ServerAnswer {
  readonly server: IpAddress;
  readonly answer: NameAnswer;
}

/** What the DNS servers answer for a host, of one family, in the order of the servers. */
export interface FamilyAnswers {
  readonly family: Family;
  readonly answers: readonly ServerAnswer[];
}

/** What the DNS servers answer for a host, of each family of the router. */
export interface HostAnswers {
  readonly host: Host;
  readonly families: readonly FamilyAnswers[];
}

/** A resolver whose servers are known. */
export type KnownResolver = NameResolver & Required<Pick<NameResolver, 'servers'>>;

/**
 * Asks for hosts as the router does: the same servers from the same address, as often. Unlike the router it asks all
 * servers at once, so that each one's answer is known.
 *
 * @param milliseconds within which it ends
 */
export function askHosts(
  hosts: readonly Host[],
  resolver: KnownResolver,
  addresses: readonly ReservedAddress[],
  milliseconds: number,
): Promise<HostAnswers[]> {
  const patience = { answerMs: milliseconds / ROUNDS, questionMs: milliseconds };
  const servers = resolver.servers.map((server) => ({
    server,
    asked: new NameServers({ resolver: { ...resolver, servers: [server] }, addresses, patience }),
  }));
  const askFamily = async (name: string, family: Family): Promise<FamilyAnswers> => ({
    family,
    answers: await Promise.all(
      servers.map(async ({ server, asked }) => ({ server, answer: await asked.ask({ name, family }) })),
    ),
  });
  return Promise.all(
    hosts.map(async (host) => ({
      host,
      families: await Promise.all(familiesOf(host, addresses).map((family) => askFamily(host.name, family))),
    })),
  );
}

/** The answer that the router takes: the first that other servers would repeat, else the last one's failure. */
export function decidingAnswer({ answers }: FamilyAnswers): ServerAnswer {
  return answers.find(({ answer }) => isFinalAnswer(answer)) ?? answers.at(-1)!;
}
