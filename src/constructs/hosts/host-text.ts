import { domainToASCII } from 'node:url';
import { type HostName, parseHostName } from '../../domain/values/host-name';

/** The form of a name on the wire (IDNA); `''` for a name that has none. */
export const toAscii = domainToASCII;

/** The name as its host has it; another text as it is. */
export function canonicalName(text: string): HostName {
  const parsed = parseHostName(text, domainToASCII);
  return typeof parsed === 'string' ? text : parsed.name;
}
