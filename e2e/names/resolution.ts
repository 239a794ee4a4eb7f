import { curl } from '../../test/support/tls-clients';
import { type Place, runIn, seenBy } from './client';

/** A partner with an address of each family, and a server behind each. */
export const BANK = 'api.bank.example';

/** What the C library of a pod with the clients says of a name in one family, or in both. */
export function addressesOf(place: Place, name: string, family: 'INET' | 'INET6' | 'UNSPEC'): string {
  const question = `socket.getaddrinfo("${name}", 443, socket.AF_${family}, socket.SOCK_STREAM)`;
  const script = `import socket; print(*[answer[4][0] for answer in ${question}])`;
  return runIn(place, `/usr/bin/python3 -c '${script}' 2>&1 || true`).trim().split('\n').at(-1)!;
}

/** A pod that was not admitted gets the partner's address, and connects from its node's. */
export function resolvesAsBefore(other: Place): void {
  const { peer, name } = seenBy(other, curl(BANK));
  expect({ name, isNode: isNode(peer) }).toEqual({ name: BANK, isNode: true });
  expect([addressesOf(other, BANK, 'INET'), addressesOf(other, BANK, 'INET6')]).toEqual([
    '203.0.113.26',
    '2001:db8:113::26',
  ]);
}

/** Whether an address is a node's on the LAN: what servers see of pods that do not use a router. */
export function isNode(address: string): boolean {
  return /^192\.168\.12\.1\d$/.test(address);
}
