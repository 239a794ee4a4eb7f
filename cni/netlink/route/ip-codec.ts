import { type Family, fromBytes, type IpAddress } from '../../../src/domain/values/ip-address';
import type { ByteReader } from '../byte-reader';
import { AF_INET, AF_INET6 } from './constants';

export function addressFamily(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/** The family of a kernel's number; nothing for those that are neither. */
export function familyOf(addressFamily: number): Family | undefined {
  if (addressFamily === AF_INET) return 4;
  return addressFamily === AF_INET6 ? 6 : undefined;
}

/** The address in an attribute. @throws RangeError for an invalid length */
export function readIpAddress({ bytes }: ByteReader): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError(`IP address of ${bytes.length} bytes`);
  return fromBytes([...bytes]);
}
