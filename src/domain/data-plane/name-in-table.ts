import type { HostName } from '../values/host-name';
import { textHashDigits } from '../values/text-hash';

/** What `nft` takes as a comment. The kernel takes up to 251 characters, and silently none of 253. */
const LONGEST = 128;

/** The name of a host as the kernel's table has it, unchanged if it is in that form: a long one ends with a hash. */
export function nameInTable(host: HostName): string {
  return host.length <= LONGEST ? host : `${host.slice(0, LONGEST - 9)}-${textHashDigits(host)}`;
}

/** Whether two names, of which either may be the table's, are of one host. Nothing is the name of none. */
export function isSameHost(one: HostName | undefined, other: HostName | undefined): boolean {
  return one !== undefined && other !== undefined && nameInTable(one) === nameInTable(other);
}
