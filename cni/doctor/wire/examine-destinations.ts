import type { IpAddress } from '../../../src/config/ip-address';
import { waitForOutput } from '../../ffi/libc';
import { EACCES, ECONNREFUSED, errnoName } from '../../netlink/errno';
import { findLink } from '../../netlink/route/link';
import { type Examination, found, together, unseen } from '../examination';
import type { Finding } from '../finding';
import type { Subject } from '../subject';
import { ConnectionAttempt } from './connection-attempt';
import { type Destination, destinationText } from './destination';
import { PathProbe } from './path-probe';

/** Longer than the second after which the kernel asks again: of one lost packet nothing is said. */
const PATIENCE_MILLISECONDS = 1400;

/** Paths; each takes five sockets, and most destinations of a router share them. */
const MOST_PATHS = 8;

/** Of ten thousand rules the first ones stand for the others: an examination is no load test. */
const MOST = 64;

/** Whether what TCP rules lead to takes connections from the reserved address, and how large the packets on the way may be. */
export function examineDestinations(
  subject: Subject,
  destinations: readonly Destination[] | undefined,
  isGatewayHeard: boolean,
): Examination {
  if (destinations === undefined) {
    return unseen(
      'the destinations',
      'the rules, which this process may not read (NET_ADMIN), or --destination=IP:PORT',
    );
  }
  const attempts = subject.pod.run(() =>
    destinations.slice(0, MOST).flatMap((destination) => {
      const source = sourceOf(subject, destination.address);
      return source === undefined ? [] : [ConnectionAttempt.begin(source, destination)];
    }),
  );
  const paths = subject.pod.run(() => pathProbes(subject, destinations));
  wait(attempts);
  const examination = together([
    found(...attempts.flatMap((attempt) => finding(attempt, isGatewayHeard))),
    ...paths.map((path) => smaller(subject, path)),
  ]);
  for (const closable of [...attempts, ...paths]) closable[Symbol.dispose]();
  if (destinations.length <= MOST) return examination;
  return together([examination, unseen(`${destinations.length - MOST} further destinations`, '--destination=IP:PORT')]);
}

function sourceOf({ plane }: Subject, { family }: IpAddress): IpAddress | undefined {
  return plane.addresses.map(({ address }) => address).find((address) => address.family === family);
}

function pathProbes(subject: Subject, destinations: readonly Destination[]): PathProbe[] {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  const addresses = new Map(destinations.slice(0, MOST).map(({ address }) => [address.text, address]));
  return [...addresses.values()].slice(0, MOST_PATHS).flatMap((address) => {
    const source = sourceOf(subject, address);
    return source === undefined || link === undefined ? [] : [PathProbe.begin(source, address, link.mtu)];
  });
}

function wait(attempts: readonly ConnectionAttempt[]): void {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (let open = attempts.filter(({ isOpen }) => isOpen); open.length > 0 && performance.now() < deadline; ) {
    const ready = waitForOutput(
      open.map(({ fd }) => fd),
      deadline - performance.now(),
    );
    for (const attempt of open) if (ready.has(attempt.fd)) attempt.end();
    open = open.filter(({ isOpen }) => isOpen);
  }
}

function finding({ destination, source, errno }: ConnectionAttempt, isGatewayHeard: boolean): Finding[] {
  if (errno === 0) return [];
  if (errno === ECONNREFUSED)
    return [
      refusal(destination, source, 'Nothing listens on that port, or a firewall on the way answers in its place.'),
    ];
  if (errno === EACCES)
    return [refusal(destination, source, 'A firewall on the way says that it is forbidden (ICMP).')];
  return [errno === undefined ? silence(destination, source, isGatewayHeard) : obstacle(destination, source, errno)];
}

function refusal(destination: Destination, source: IpAddress, explanation: string): Finding {
  return {
    id: 'destination-refuses',
    problem: `${destinationText(destination)} refuses connections from ${source.text}.`,
    explanation,
    commands: [
      `nc -v -s ${source.text} ${destination.address.text} ${destination.port}   # in the pod's network namespace`,
    ],
  };
}

function silence(destination: Destination, source: IpAddress, isGatewayHeard: boolean): Finding {
  return unreachable(
    destination,
    source,
    `${destinationText(destination)} does not answer ${source.text}${isGatewayHeard ? ', though the gateway does' : ''}.`,
    isGatewayHeard
      ? 'The packets leave the router. A firewall behind the gateway drops them, the server is down, or it has no way back to the reserved address.'
      : 'Whether the gateway answers is not known yet: look again in some seconds.',
  );
}

/** @param errno what the network said */
function obstacle(destination: Destination, source: IpAddress, errno: number): Finding {
  return unreachable(
    destination,
    source,
    `${destinationText(destination)} cannot be reached from ${source.text}: ${errnoName(errno)}.`,
    'A router or a firewall on the way says so (ICMP); of a server on the LAN itself, the kernel says it after nobody answered ARP or neighbour solicitations.',
  );
}

function unreachable({ address, port }: Destination, source: IpAddress, problem: string, explanation: string): Finding {
  return {
    id: 'destination-silent',
    problem,
    explanation,
    commands: [`traceroute -T -p ${port} -s ${source.text} ${address.text}   # in the pod's network namespace`],
  };
}

function smaller({ plane }: Subject, path: PathProbe): Examination {
  const { destination, mtu, linkMtu } = path;
  const { name } = plane.link;
  const commands = [`tracepath -n ${destination.text}   # in the pod's network namespace`];
  if (path.isBlackHole()) {
    return found({
      id: 'path-mtu',
      problem: `Packets of ${linkMtu} bytes to ${destination.text} vanish, and small ones arrive.`,
      explanation: `A tunnel or a VPN is on the way, and a firewall drops the message that it takes smaller packets only (ICMP): connections hang at the first large packet. Let that message pass, or give ${name} a smaller MTU.`,
      commands,
    });
  }
  if (mtu >= linkMtu) return found();
  return found({
    id: 'path-mtu',
    problem: `The way to ${destination.text} takes packets of ${mtu} bytes, and ${name} sends up to ${linkMtu}.`,
    explanation:
      'A tunnel or a VPN is on the way. Senders are told, and adapt; where a firewall drops that message, connections hang at the first large packet.',
    commands,
  });
}
