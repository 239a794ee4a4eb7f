import type { AddressRefusal, RefusedAddress } from './address-policy';
import type { NameFailure } from './name-answer';
import type { NameState } from './name-state';

/** The failures in words, as they end a sentence such as "api.bank.example does not resolve: …". */
const FAILURES: Readonly<Record<NameFailure, string>> = {
  nxdomain: 'the name does not exist (NXDOMAIN)',
  empty: 'the name has no address of the family',
  servfail: 'the DNS server could not answer (SERVFAIL)',
  refused: 'the DNS server refused to answer',
  timeout: 'the DNS server did not answer in time',
  unreachable: 'the DNS server cannot be reached',
  malformed: 'the answer is malformed',
  loop: 'its aliases lead to themselves, or are too many',
  'refused-addresses': 'every address of the answer is refused',
};

/** Why an address is refused, in words that follow the address. */
const REFUSALS: Readonly<Record<AddressRefusal, string>> = {
  unspecified: 'is the unspecified address',
  loopback: 'is a loopback address',
  multicast: 'is a multicast address',
  'link-local': 'is a link-local address',
  broadcast: 'is a broadcast address',
  reserved: 'is in a reserved range',
  cluster: "is an address of the cluster, where the router's own Services are",
  own: 'is an address of the router itself',
  node: "is the address of the router's node",
  'subnet-role': "is the network or broadcast address of the router's subnet",
  'no-gateway': "is outside the router's subnet, and there is no gateway",
  'not-allowed': 'is outside of allowedCidrs',
};

export function failureText(failure: NameFailure): string {
  return FAILURES[failure];
}

/** Such as `10.96.0.10 is an address of the cluster, …`. */
export function refusalText({ address, reason }: RefusedAddress): string {
  return `${address.text} ${REFUSALS[reason]}`;
}

/** Why a name has no new address: the first refused address, or the last failure; nothing before an answer. */
export function reasonOf(states: readonly NameState[]): string | undefined {
  const refused = states.flatMap((state) => state.refused)[0];
  if (refused !== undefined) return refusalText(refused);
  const failures = states.flatMap(({ lastFailure, failures: count }) => (count > 0 ? (lastFailure ?? []) : []));
  // A name with one family is empty in the other one, which explains nothing.
  const failure = failures.find((each) => each !== 'empty') ?? failures[0];
  return failure === undefined ? undefined : failureText(failure);
}
