import { type Examination, found } from '../examination';
import type { Finding } from '../finding';
import type { Subject } from '../subject';
import type { PathProbe } from './path-probe';

/** A way that takes smaller packets than the interface sends. */
interface Narrow {
  readonly source: string;
  readonly destination: string;
  readonly linkMtu: number;
  /** Bytes; `unsaid` where large packets vanish. */
  readonly mtu: number | 'unsaid';
}

/** Which ways take smaller packets than the router's interface sends: one finding for all that take the same. */
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
  const { linkMtu, mtu } = path;
  const ends = { source: path.source.text, destination: path.destination.text };
  if (path.isBlackHole()) return [{ ...ends, linkMtu, mtu: 'unsaid' }];
  return mtu < linkMtu ? [{ ...ends, linkMtu, mtu }] : [];
}

function finding(name: string, same: readonly Narrow[]): Finding {
  const [{ source, destination, linkMtu, mtu }] = same as readonly [Narrow, ...Narrow[]];
  const who = same.length === 1 ? destination : `${same.length} destinations`;
  return {
    id: 'path-mtu',
    ...(mtu === 'unsaid'
      ? {
          problem: `Packets of ${linkMtu} bytes to ${who} vanish, and small ones arrive.`,
          explanation: `A tunnel or a VPN is on the way, and a firewall drops the message that it takes smaller packets only (ICMP): connections hang at the first large packet. Let that message pass, or give ${name} a smaller MTU.`,
        }
      : {
          problem: `The way to ${who} takes packets of ${mtu} bytes, and ${name} sends up to ${linkMtu}.`,
          explanation:
            'A tunnel or a VPN is on the way. Senders are told, and adapt; where a firewall drops that message, connections hang at the first large packet.',
        }),
    ...(same.length === 1 ? {} : { details: same.map((one) => one.destination) }),
    // From the reserved address: others take the pod's own way.
    commands: [`traceroute --mtu -n -s ${source} ${destination}   # in the pod's network namespace`],
  };
}
