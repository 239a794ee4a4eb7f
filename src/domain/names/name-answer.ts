import type { IpAddress } from '../values/ip-address';

/** Why a question to DNS servers led to no address. */
export const NAME_FAILURES = [
  /** The name does not exist. */
  'nxdomain',
  /** The name exists, without an address of the family. */
  'empty',
  /** A server could not answer: SERVFAIL. */
  'servfail',
  /** A server does not answer this question, or not to this client. */
  'refused',
  /** No server answered in time. */
  'timeout',
  /** No server could be reached. */
  'unreachable',
  /** An answer was not a DNS message, or not one for the question. */
  'malformed',
  /** The aliases of the name lead to themselves, or are too many. */
  'loop',
  /** Every address of the answer was refused; see `refusalOf`. */
  'refused-addresses',
] as const;

export type NameFailure = (typeof NAME_FAILURES)[number];

/** The addresses of a name, of one family; at least one. */
export interface NameAddresses {
  readonly addresses: readonly IpAddress[];
  /** Seconds for which the answer holds, as DNS says: the shortest of the addresses and the aliases that lead there. */
  readonly ttl: number;
}

/** The result of a question for the addresses of a name. */
export type NameAnswer = NameAddresses | { readonly failure: NameFailure };
