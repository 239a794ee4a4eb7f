import type { IpAddress } from '../../../src/domain/values/ip-address';
import { waitForOutput } from '../../ffi/libc';
import { findLink } from '../../netlink/route/link';
import { cutOff, type Examination, found, PARTS, together, unseen } from '../examination';
import type { Subject } from '../subject';
import { MORE_TIME, type TimeLimit } from '../time-limit';
import { ConnectionAttempt } from './connection-attempt';
import type { Destination } from './destination';
import { examineAttempts } from './examine-attempts';
import { examinePaths } from './examine-paths';
import { PathProbe } from './path-probe';

/** Longer than the kernel's retransmission after one second, so that one lost packet is not a finding. */
const PATIENCE_MILLISECONDS = 1400;

/** Paths; each takes five sockets, and most destinations of a router share them. */
const MOST_PATHS = 8;

/** Only the first of many destinations are probed: an examination is not a load test. */
const MOST = 64;

/**
 * Whether the destinations of TCP rules accept connections from the reserved address, and the MTU of the paths to them.
 */
export function examineDestinations(
  subject: Subject,
  destinations: readonly Destination[] | undefined,
  hasGatewayAnswered: boolean,
  time: TimeLimit,
): Examination {
  if (destinations === undefined) {
    return unseen(PARTS.destinations, 'permission to read the rules (NET_ADMIN), or --destination=IP:PORT');
  }
  const asked = destinations.slice(0, MOST);
  using sockets = new DisposableStack();
  const attempts = subject.pod.run(() => beginAttempts(subject, asked, sockets));
  const { paths, further } = subject.pod.run(() => beginProbes(subject, asked, sockets));
  const isWhole = time.allows(PATIENCE_MILLISECONDS);
  wait(attempts, Math.min(PATIENCE_MILLISECONDS, time.remaining));
  return together([
    examineAttempts(attempts, { hasGatewayAnswered, isWhole }),
    isWhole ? examinePaths(subject, paths) : cutOff('the path MTU to the destinations', MORE_TIME),
    more(destinations.length - asked.length, (count) => `${count} further destinations`),
    more(further, (count) => `the path MTU to ${count} further addresses`),
  ]);
}

function more(count: number, what: (count: number) => string): Examination {
  return count === 0 ? found() : unseen(what(count), '--destination=IP:PORT');
}

function beginAttempts(
  subject: Subject,
  destinations: readonly Destination[],
  sockets: DisposableStack,
): ConnectionAttempt[] {
  return destinations.flatMap((destination) => {
    const source = sourceOf(subject, destination.address);
    return source === undefined ? [] : [sockets.use(ConnectionAttempt.begin(source, destination))];
  });
}

interface Probes {
  readonly paths: readonly PathProbe[];
  /** The number of skipped addresses. */
  readonly further: number;
}

function beginProbes(subject: Subject, destinations: readonly Destination[], sockets: DisposableStack): Probes {
  const link = findLink(subject.pod.route, subject.plane.link.name);
  const addresses = [...new Map(destinations.map(({ address }) => [address.text, address])).values()];
  const paths = addresses.slice(0, MOST_PATHS).flatMap((address) => {
    const source = sourceOf(subject, address);
    return source === undefined || link === undefined ? [] : [sockets.use(PathProbe.begin(source, address, link.mtu))];
  });
  return { paths, further: Math.max(0, addresses.length - MOST_PATHS) };
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
