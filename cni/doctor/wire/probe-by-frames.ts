import type { Neighbour } from '../../../src/domain/router/serve-config';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import type { Link } from '../../netlink/route/link';
import { arpRequest, decodeArp } from '../../packet/arp';
import { decodeEthernet } from '../../packet/ethernet';
import { decodeNeighbour, neighbourSolicitation } from '../../packet/neighbour-discovery';
import { PacketSockets } from '../../packet/packet-sockets';
import { framesUntil } from '../../packet/received-frames';
import type { NamespaceView } from '../subject';
import type { TimeLimit } from '../time-limit';
import { unlessForbidden } from './unless-forbidden';

/** The kernel's timing. */
const ROUNDS = 9;
const ROUND_MILLISECONDS = 100;

/**
 * Probes which addresses answer the router's own MAC address now, independent of the kernel's neighbour table. It
 * probes as the kernel does, from the reserved address, so that the answer goes only to the router, and does not arrive
 * if frames for its MAC are not delivered.
 *
 * @returns the texts of the addresses that answer
 */
export function probeByFrames(
  view: NamespaceView,
  link: Link,
  neighbours: readonly Neighbour[],
  time: TimeLimit,
): ReadonlySet<string> | 'forbidden' {
  if (neighbours.length === 0) return new Set();
  return unlessForbidden(() => {
    const addresses = neighbours.map(({ address }) => address);
    using sockets = view.run(() => PacketSockets.open(link, addresses));
    const answered = new Set<string>();
    for (let round = 0; round < ROUNDS && time.allows(ROUND_MILLISECONDS); round++) {
      const silent = neighbours.filter(({ address }) => !answered.has(address.text));
      if (silent.length === 0) break;
      probeOnce(sockets, silent, answered);
    }
    return answered;
  });
}

/** @param answered gets who answers */
function probeOnce(sockets: PacketSockets, neighbours: readonly Neighbour[], answered: Set<string>): void {
  const { mac } = sockets.link;
  for (const { source, address } of neighbours) {
    const { family } = address;
    const sender = { mac, address: source };
    sockets.send(family, family === 4 ? arpRequest(sender, address) : neighbourSolicitation(mac, source, address));
  }
  for (const frame of framesUntil(performance.now() + ROUND_MILLISECONDS, sockets.all)) {
    const sender = answerTo(mac, frame);
    if (sender !== undefined) answered.add(sender);
    if (neighbours.every(({ address }) => answered.has(address.text))) return;
  }
}

/** The address that a frame answers for, if it is an answer to this MAC address. */
function answerTo(mac: MacAddress, bytes: Uint8Array): string | undefined {
  const frame = decodeEthernet(bytes);
  if (frame === undefined || frame.destination !== mac) return undefined;
  const arp = decodeArp(frame);
  if (arp !== undefined) return arp.operation === 'reply' ? arp.sender.address.text : undefined;
  const message = decodeNeighbour(frame);
  return message?.kind === 'advertisement' ? message.target.text : undefined;
}
