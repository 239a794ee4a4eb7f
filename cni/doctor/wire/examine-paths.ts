import { type Examination, found } from '../examination';
import type { Finding } from '../finding';
import { shellCommand } from '../shell-command';
import type { Subject } from '../subject';
import type { PathProbe } from './path-probe';

/** A path with a smaller MTU than the interface. */
interface Narrow {
  readonly destination: string;
  readonly linkMtu: number;
  /** In bytes; `unsaid` if large packets are lost without an ICMP message. */
  readonly mtu: number | 'unsaid';
}

/** Findings about paths with a smaller MTU than the router's interface: one for all with the same MTU. */
export function examinePaths({ plane }: Subject, paths: readonly PathProbe[]): Examination {
  const narrow = paths.flatMap(narrowness);
  const sizes = [...new Set(narrow.map(({ mtu }) => mtu))];
  return found(
    ...sizes.map((size) =>
      finding(
        plane.link.name,
        narrow.filter(({ mtu }) => mtu === size),
      ),
    ),
  );
}

function narrowness(path: PathProbe): Narrow[] {
  const { mtu } = path;
  const { destination, linkMtu } = path.path;
  const ends = { destination: destination.text };
  if (path.isBlackHole()) return [{ ...ends, linkMtu, mtu: 'unsaid' }];
  return mtu < linkMtu ? [{ ...ends, linkMtu, mtu }] : [];
}

function finding(name: string, same: readonly Narrow[]): Finding {
  const [{ destination, linkMtu, mtu }] = same as readonly [Narrow, ...Narrow[]];
  const who = same.length === 1 ? destination : `${same.length} destinations`;
  return {
    id: 'path-mtu',
    ...(mtu === 'unsaid'
      ? {
          problem: `Packets of ${linkMtu} bytes to ${who} are lost, but small ones arrive.`,
          explanation: `The path has a tunnel or VPN, and a firewall drops its ICMP messages (packet too big): connections hang at the first large packet. Allow these messages, or give ${name} a smaller MTU.`,
        }
      : {
          problem: `The path to ${who} has an MTU of ${mtu} bytes, but ${name} sends up to ${linkMtu}.`,
          explanation:
            'The path has a tunnel or VPN. Senders adapt to its ICMP messages (packet too big); if a firewall drops these, connections hang at the first large packet.',
        }),
    ...(same.length === 1 ? {} : { details: same.map((one) => one.destination) }),
    // Not in the pod, whose table lets it reach the destinations of rules only.
    commands: [shellCommand`traceroute --mtu -n ${destination}   # on another host of the LAN`],
  };
}
