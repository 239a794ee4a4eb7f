import type { IpAddress } from '../../../src/config/ip-address';
import { ENOENT } from '../errno';
import type { Message, Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { addressFamily } from './family';

/** What the kernel knows of a neighbour, in the words of `ip neigh`. */
export type NeighbourState = keyof typeof STATES;

/** NUD_* of linux/neighbour.h. */
const STATES = {
  none: 0,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;

/** `ip neigh get ADDRESS dev NAME` */
export function getNeighbour(address: IpAddress, interfaceIndex: number): Request {
  return {
    type: k.RTM_GETNEIGH,
    flags: 0,
    operation: `ip neigh get ${address.text} dev index ${interfaceIndex}`,
    write: (writer) =>
      writer
        .u8(addressFamily(address.family))
        .zeros(3)
        .u32(interfaceIndex)
        .zeros(4)
        .attribute(k.NDA_DST, (w) => w.raw(address.bytes)),
  };
}

/** What is known of a host on an interface; nothing when it was never asked for, or forgotten. Needs Linux 5.0. */
export function neighbourState(
  socket: NetlinkSocket,
  address: IpAddress,
  interfaceIndex: number,
): NeighbourState | undefined {
  try {
    return decodeNeighbourState(socket.get(getNeighbour(address, interfaceIndex)));
  } catch (error) {
    if (hasErrno(error, ENOENT)) return undefined;
    throw error;
  }
}

export function decodeNeighbourState({ payload }: Message): NeighbourState | undefined {
  const state = payload.u16(8);
  return (Object.keys(STATES) as NeighbourState[]).find((name) => STATES[name] === state);
}
