import type { IpAddress } from '../../../src/domain/values/ip-address';
import { hostsOnOwnNode } from '../../data-plane/own-node';
import { waitForOutput } from '../../ffi/libc';
import { findLink } from '../../netlink/route/link';
import { cutOff, type Examination, found, PARTS, together, unseen } from '../examination';
import { mayDivert } from '../examine-foreign-rules';
import type { Finding } from '../finding';
import { shellCommand } from '../shell-command';
import { parentLink, parentWords, type Subject } from '../subject';
import { MORE_TIME, type TimeLimit } from '../time-limit';
import { ConnectionAttempt } from './connection-attempt';
import type { Destination } from './destination';
import { examineAttempts } from './examine-attempts';
import { examinePaths } from './examine-paths';
import { PathProbes } from './path-probes';

/** Longer than the kernel's retransmission after one second, so that one lost packet is not a finding. */
const PATIENCE_MILLISECONDS = 1400;

/** How much later than the last connection an answer about a path may come. */
const LATE_MILLISECONDS = 200;

/** Paths; most destinations of a router share them. */
const MOST_PATHS = 8;

/** Only the first of many destinations are probed: an examination is not a load test. */
const MOST = 64;

/** What other parts of the examination know. */
interface Known {
  readonly hasGatewayAnswered: boolean;
  /** Whether rules lead to these destinations; absent: unknown. */
  readonly haveRules?: boolean;
}

/**
 * Whether the destinations of TCP rules accept connections from the reserved address, and the MTU of the paths to them.
 */
export function examineDestinations(
  subject: Subject,
  destinations: readonly Destination[] | undefined,
  known: Known,
  time: TimeLimit,
): Examination {
  if (destinations === undefined) {
    return unseen(PARTS.destinations, 'permission to read the rules (NET_ADMIN), or --destination=IP:PORT');
  }
  const onNode = destinationsOnNode(subject, destinations);
  const asked = destinations.filter(({ address }) => !onNode.includes(address.text)).slice(0, MOST);
  using sockets = new DisposableStack();
  const attempts = subject.pod.run(() => beginAttempts(subject, asked, sockets));
  const addresses = [...new Map(asked.map(({ address }) => [address.text, address])).values()];
  const probes = PathProbes.begin(subject, addresses.slice(0, MOST_PATHS));
  if (probes !== 'forbidden') sockets.use(probes);
  const isWhole = time.allows(PATIENCE_MILLISECONDS);
  wait(attempts, Math.min(PATIENCE_MILLISECONDS, time.remaining));
  return together([
    found(...onNode.map((text) => onOwnNode(subject, text))),
    examineAttempts(attempts, { ...known, isWhole }),
    diverted(asked.filter(({ address }) => sourceOf(subject, address) !== undefined).length - attempts.length),
    isWhole ? examineProbes(subject, probes) : cutOff(PATHS, MORE_TIME),
    more(
      destinations.length - asked.length - countOf(destinations, onNode),
      (count) => `${count} further destinations`,
    ),
    more(addresses.length - MOST_PATHS, (count) => `the path MTU to ${count} further addresses`),
  ]);
}

/** The texts of the addresses that are the router's own node, also of rules that are not probed, such as UDP. */
function destinationsOnNode(subject: Subject, destinations: readonly Destination[]): string[] {
  const { node, config, knowsRules } = subject;
  const parent = parentLink(subject);
  if (node === undefined || parent === undefined) return [];
  const ofRules = knowsRules ? [...config.rules.map(({ destination }) => destination), ...config.fallbacks] : [];
  const all = [...destinations.map(({ address }) => address), ...ofRules];
  return hostsOnOwnNode(node.route, parent, config, all).map(({ text }) => text);
}

function countOf(destinations: readonly Destination[], addresses: readonly string[]): number {
  return destinations.filter(({ address }) => addresses.includes(address.text)).length;
}

function onOwnNode(subject: Subject, text: string): Finding {
  return {
    id: 'destination-on-node',
    problem: `The destination ${text} is an address of the router's own node.`,
    explanation: `A macvlan interface reaches every host on the LAN except its own node. Run the router on a node without this address, or use another parent interface than ${parentWords(subject)}.`,
    commands: [shellCommand`ip address show to ${text}   # on the node`],
  };
}

function more(count: number, what: (count: number) => string): Examination {
  return count <= 0 ? found() : unseen(what(count), '--destination=IP:PORT');
}

/**
 * Begins the attempts by the routes of the pod, or by net1 where a policy rule of others may lead the pod's own packets
 * elsewhere. Not always by net1: for a socket that is bound to an interface, the kernel takes a destination without a
 * route for a neighbour.
 */
function beginAttempts(
  subject: Subject,
  destinations: readonly Destination[],
  sockets: DisposableStack,
): ConnectionAttempt[] {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  const bound = new Map(subject.plane.addresses.map(({ address: { family } }) => [family, mayDivert(subject, family)]));
  return destinations.flatMap((destination) => {
    const { family } = destination.address;
    const source = sourceOf(subject, destination.address);
    if (source === undefined) return [];
    const attempt = ConnectionAttempt.begin(source, destination, bound.get(family) ? link?.index : undefined);
    return attempt === undefined ? [] : [sockets.use(attempt)];
  });
}

/** @param count of the destinations that this process could not probe by net1 */
function diverted(count: number): Examination {
  const why = "policy rules of other programs may lead the pod's own probes past net1";
  return count <= 0 ? found() : unseen(`${PARTS.destinations}: ${why}`, 'NET_RAW, or doctor on the node');
}

const PATHS = 'the path MTU to the destinations';

/** Datagrams of a plain socket do not pass chain `output`; frames of net1 do not pass through it. */
const HIDDEN_PATHS = `${PATHS}: the router's own table drops other probes from the pod than frames of net1`;

function examineProbes(subject: Subject, probes: PathProbes | 'forbidden'): Examination {
  if (probes === 'forbidden') return unseen(HIDDEN_PATHS, 'NET_RAW, or doctor on the node');
  probes.receive(LATE_MILLISECONDS);
  return examinePaths(subject, probes.probes);
}

function sourceOf({ plane }: Subject, { family }: IpAddress): IpAddress | undefined {
  return plane.addresses.map(({ address }) => address).find((address) => address.family === family);
}

function wait(attempts: readonly ConnectionAttempt[], milliseconds: number): void {
  const deadline = performance.now() + milliseconds;
  for (let open = attempts.filter(({ isOpen }) => isOpen); open.length > 0 && performance.now() < deadline; ) {
    const ready = waitForOutput(
      open.map(({ fd }) => fd),
      deadline - performance.now(),
    );
    for (const attempt of open) if (ready.has(attempt.fd)) attempt.end();
    open = open.filter(({ isOpen }) => isOpen);
  }
}
