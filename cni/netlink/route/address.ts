import { type Cidr, cidr } from '../../../src/domain/values/cidr';
import { AF_UNSPEC, addressFamily, familyOf } from '../../ffi/address-family';
import { type Message, NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { readIpAddress } from './ip-codec';

/** An address of an interface, as `ip address show` prints it. */
export interface InterfaceAddress {
  readonly cidr: Cidr;
  readonly interfaceIndex: number;
  /** Whether the kernel made no route for the subnet (`noprefixroute`). */
  readonly hasNoPrefixRoute: boolean;
}

/**
 * `ip address add CIDR dev NAME noprefixroute nodad`: no route of the subnet in the main table, and usable at once
 * (conflicts were probed for before).
 */
export function addAddress(address: Cidr, { index, name }: { readonly index: number; readonly name: string }): Request {
  const { family, bytes } = address.address;
  const flags = k.IFA_F_NOPREFIXROUTE | (family === 6 ? k.IFA_F_NODAD : 0);
  return {
    type: k.RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    operation: `ip address add ${address.text} dev ${name} noprefixroute`,
    write: (writer) =>
      writer
        .u8(addressFamily(family))
        .u8(address.prefixLength)
        .u8(0)
        .u8(k.RT_SCOPE_UNIVERSE)
        .u32(index)
        .attribute(k.IFA_LOCAL, (w) => w.raw(bytes))
        .attribute(k.IFA_ADDRESS, (w) => w.raw(bytes))
        .attribute(k.IFA_FLAGS, (w) => w.u32(flags)),
  };
}

/** `ip address del CIDR dev NAME` */
export function deleteAddress(
  address: Cidr,
  { index, name }: { readonly index: number; readonly name: string },
): Request {
  const { family, bytes } = address.address;
  return {
    type: k.RTM_DELADDR,
    flags: 0,
    operation: `ip address del ${address.text} dev ${name}`,
    write: (writer) =>
      writer
        .u8(addressFamily(family))
        .u8(address.prefixLength)
        .u8(0)
        .u8(0)
        .u32(index)
        .attribute(k.IFA_LOCAL, (w) => w.raw(bytes)),
  };
}

/** All addresses of the socket's namespace. */
export function listAddresses(socket: NetlinkSocket): InterfaceAddress[] {
  const request: Request = {
    type: k.RTM_GETADDR,
    flags: 0,
    operation: 'ip address show',
    write: (writer) => writer.u8(AF_UNSPEC).zeros(7),
  };
  return socket.dump(request).flatMap((message) => decodeAddress(message) ?? []);
}

export function decodeAddress({ payload }: Message): InterfaceAddress | undefined {
  const attributes = payload.attributeMap(8);
  // Of a point-to-point interface, IFA_ADDRESS is the peer's.
  const own = attributes.get(k.IFA_LOCAL) ?? attributes.get(k.IFA_ADDRESS);
  if (own === undefined || familyOf(payload.u8()) === undefined) return undefined;
  return {
    cidr: cidr(readIpAddress(own), payload.u8(1)),
    interfaceIndex: payload.u32(4),
    hasNoPrefixRoute: ((attributes.get(k.IFA_FLAGS)?.u32() ?? 0) & k.IFA_F_NOPREFIXROUTE) !== 0,
  };
}
