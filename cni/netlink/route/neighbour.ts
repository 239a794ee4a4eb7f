import { fromBytes, type IpAddress } from '../../../src/domain/values/ip-address';
import { type MacAddress, macFromBytes } from '../../../src/domain/values/mac-address';
import { AF_UNSPEC, addressFamily } from '../../ffi/address-family';
import { ENOENT } from '../../ffi/errno';
import type { ByteWriter } from '../byte-writer';
import type { Message, Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';

/** The states of a neighbour entry, as in `ip neigh`. */
export type NeighbourState = keyof typeof STATES;

/** `struct ndmsg` */
const NDMSG_LENGTH = 12;

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

/** An entry of the kernel's neighbour table. */
export interface Neighbour {
  readonly interfaceIndex: number;
  readonly address: IpAddress;
  /** Empty while it has not answered. */
  readonly mac: MacAddress;
}

/** `ip neigh show`, of both families */
export function listNeighbours(socket: NetlinkSocket): Neighbour[] {
  const request = {
    type: k.RTM_GETNEIGH,
    flags: 0,
    operation: 'ip neigh show',
    write: (writer: ByteWriter) => writer.u8(AF_UNSPEC).zeros(3).u32(0).zeros(4),
  };
  return socket.dump(request).flatMap(({ payload }) => {
    const attributes = payload.attributeMap(NDMSG_LENGTH);
    const address = attributes.get(k.NDA_DST)?.bytes;
    // Multicast groups and the like, which are not hosts.
    if (address === undefined || (payload.u16(8) & STATES.noarp) !== 0) return [];
    const mac = macFromBytes(attributes.get(k.NDA_LLADDR)?.bytes ?? []);
    return [{ interfaceIndex: payload.u32(4), address: fromBytes([...address]), mac }];
  });
}

/** The neighbour entry of a host on an interface, if any. Needs Linux 5.0. */
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
