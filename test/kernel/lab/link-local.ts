import { isIpv6LinkLocal, parseIpAddress } from '../../../src/domain/values/ip-address';

/** Whether a text of `ip` is an IPv6 address of fe80::/10, without prefix length. */
export function isLinkLocal(text: string): boolean {
  const address = parseIpAddress(text);
  return typeof address !== 'string' && isIpv6LinkLocal(address);
}
