import { type IpAddress, isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { addressFamily } from '../ffi/address-family';

/** `struct sockaddr_in` or `struct sockaddr_in6`: the family in host byte order, the port in network byte order. */
export function socketAddress(ip: IpAddress, port: number, interfaceIndex: number): Uint8Array {
  const { family, bytes } = ip;
  const address = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(address.buffer);
  view.setUint16(0, addressFamily(family), true);
  view.setUint16(2, port, false);
  address.set(bytes, family === 4 ? 4 : 8);
  if (isIpv6LinkLocal(ip)) view.setUint32(24, interfaceIndex, true);
  return address;
}
