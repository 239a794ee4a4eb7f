import { fromBytes, type IpAddress } from '../../../src/domain/values/ip-address';
import type { ByteReader } from '../byte-reader';

/** The address in an attribute. @throws RangeError for an invalid length */
export function readIpAddress({ bytes }: ByteReader): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError(`IP address of ${bytes.length} bytes`);
  return fromBytes([...bytes]);
}
