import { AddressesInForce } from '../../../src/domain/data-plane/addresses-in-force';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { Host } from '../../../src/domain/router/host';
import { hostPolicy } from '../../../src/domain/router/host-policy';
import { type NameResolver, resolvedHosts } from '../../../src/domain/router/name-resolver';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { listAddresses } from '../../netlink/route/address';
import { ROUNDS } from '../../serve/names/dns-client';
import { type FoundServers, readServersOf } from '../../serve/names/node-servers';
import { configProblem, readConfigBytes } from '../../serve/read-config';
import { cutOff, type Examination, found, PARTS, together, unseen } from '../examination';
import type { Subject } from '../subject';
import { MORE_TIME, type TimeLimit } from '../time-limit';
import { answerTroubles } from './answer-troubles';
import { askHosts, type HostAnswers, type KnownResolver } from './host-questions';
import { findingsOf } from './name-trouble';
import { noServer } from './unresolved';

/** Milliseconds of a round of questions: at least, so that a server on the LAN can answer, and at most. */
const [LEAST_ROUND, MOST_ROUND] = [250, 1000];

/** Milliseconds that are left at the end of the time, for the result. */
const RESERVE = 150;

/** An examination is not a load test of DNS servers. */
const MOST_QUESTIONS = 128;

interface HostInForce {
  readonly host: Host;
  /** Its addresses in force; absent: they are not known. */
  readonly held?: readonly IpAddress[];
}

const IN_FORCE = 'whether the addresses that DNS answers are in force';

const FURTHER = 'the metric egress_router_host_resolved of the pod, which has each';

/**
 * Whether DNS leads the hosts that the router resolves to addresses that it may use, and whether these are in force.
 *
 * @param spreads the ports of hosts in force; absent: they are not known
 */
export async function examineNames(
  subject: Subject,
  spreads: readonly PortSpread[] | undefined,
  time: TimeLimit,
): Promise<Examination> {
  const { config, mistakes } = subject;
  const { resolver } = config;
  if (resolver === undefined) return found();
  if (mistakes.length > 0) return unseen(PARTS.names, 'a configuration that can be read');
  const hosts = resolvedHosts({ hosts: config.hosts, resolver });
  if (hosts.length === 0) return found();
  const known = serversOf(subject, resolver);
  if (known === undefined) {
    return unseen(`${PARTS.names}: their DNS servers stand in the pod's /etc/resolv.conf`, 'doctor in the pod');
  }
  const { servers, problems } = known;
  if (servers.length === 0) return found(noServer(problems));
  return askAndExamine(subject, { ...resolver, servers }, inForce(hosts, subject, spreads), time);
}

/** The hosts with their addresses in force, those without one first. */
function inForce(
  hosts: readonly Host[],
  { config: { addresses } }: Subject,
  spreads: readonly PortSpread[] | undefined,
): HostInForce[] {
  const known = spreads && new AddressesInForce(spreads);
  const all = hosts.map((host) => ({
    host,
    ...(known && { held: addresses.flatMap(({ cidr: { address } }) => known.of(host, address.family)) }),
  }));
  return [...all.filter(({ held }) => held?.length === 0), ...all.filter(({ held }) => held?.length !== 0)];
}

async function askAndExamine(
  subject: Subject,
  resolver: KnownResolver,
  hosts: readonly HostInForce[],
  time: TimeLimit,
): Promise<Examination> {
  const { pod, config, nodeAddress } = subject;
  const { addresses } = config;
  const milliseconds = Math.min(ROUNDS * MOST_ROUND, time.remaining - RESERVE);
  if (milliseconds < ROUNDS * LEAST_ROUND) return cutOff(PARTS.names, MORE_TIME);
  const asked = hosts.slice(0, Math.floor(MOST_QUESTIONS / (resolver.servers.length * addresses.length)));
  const names = asked.map(({ host }) => host);
  const answers = await pod.runAlone(() => askHosts(names, resolver, addresses, milliseconds));
  const own = listAddresses(pod.route).map(({ cidr }) => cidr.address);
  const self = { own, node: nodeAddress };
  const troublesOf = (each: HostAnswers, { host, held }: HostInForce) =>
    answerTroubles(subject, resolver, each, { held, policy: hostPolicy(host, { resolver, addresses }, self) });
  const further = hosts.length - asked.length;
  return together([
    found(...findingsOf(answers.flatMap((each, index) => troublesOf(each, asked[index]!)))),
    hosts.every(({ held }) => held !== undefined) ? found() : unseen(IN_FORCE, 'NET_ADMIN'),
    further === 0 ? found() : unseen(`${PARTS.names}: ${further} further ones`, FURTHER),
  ]);
}

/** The given servers, or those of the pod's file; nothing if that is not seen. */
function serversOf({ resolvConf }: Subject, { servers, clusterCidrs }: NameResolver): FoundServers | undefined {
  if (servers !== undefined) return { servers, problems: [] };
  if (resolvConf === undefined) return undefined;
  const { path, root } = resolvConf;
  try {
    const { servers: read, problems } = readServersOf(readConfigBytes(path, root).toString('utf8'), clusterCidrs);
    return { servers: read, problems: problems.map((problem) => `${path}: ${problem}`) };
  } catch (error) {
    return { servers: [], problems: [`${path} ${configProblem(error)}`] };
  }
}
