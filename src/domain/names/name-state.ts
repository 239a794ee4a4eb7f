import type { IpAddress } from '../values/ip-address';
import { type AddressPolicy, judge, type RefusedAddress, refusalOf } from './address-policy';
import type { NameAddresses, NameAnswer, NameFailure } from './name-answer';

/** A name asks and keeps at most this many addresses. */
export const MOST_ADDRESSES = 64;

/** Milliseconds: the shortest and the longest time between an answer and the next question, whatever its TTL. */
const LEAST_TTL_MS = 5000;
const MOST_TTL_MS = 300_000;

/** Milliseconds from a failure to the next question; doubled with each further failure. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 120_000;

/** At most this much later, so that names with one TTL do not ask at one moment. */
const JITTER_MS = 500;

/** Milliseconds for which an address stays that an answer with several others does not have. */
const LEAST_STAY_MS = 30_000;

/** An address that new connections may get. */
export interface HeldAddress {
  readonly address: IpAddress;
  /** Whether the last good answer has it. */
  readonly isInAnswer: boolean;
  /** Milliseconds; if later answers do not have it, it goes at this time. */
  readonly staysUntil: number;
}

/** What is known of the addresses of a name, of one family. Times are milliseconds of one monotonic clock. */
export interface NameState {
  /** Ordered by text. */
  readonly held: readonly HeldAddress[];
  /** Addresses of the last answer that are not used. */
  readonly refused: readonly RefusedAddress[];
  /** Failures since the last good answer, or since the start. */
  readonly failures: number;
  readonly lastFailure?: NameFailure;
  /** The time of the first of these failures. */
  readonly failingSince?: number;
  /** When to ask next; infinite while a question is open. */
  readonly nextQuestion: number;
}

/** A name with the addresses that were in force before a restart of the process, to be asked for at once. */
export function resumed(addresses: readonly IpAddress[], policy: AddressPolicy, now: number): NameState {
  const { used } = judge(bounded(addresses), policy);
  const held = used.map((address) => ({ address, isInAnswer: true, staysUntil: now + LEAST_STAY_MS }));
  return { ...unresolved(now), held };
}

/** What decides about an answer. */
export interface NameContext {
  readonly now: number;
  readonly policy: AddressPolicy;
  /** A random number from 0 up to, and without, 1. */
  readonly random: number;
}

/** A name without an answer, to be asked for at once. */
export function unresolved(now: number): NameState {
  return { held: [], refused: [], failures: 0, nextQuestion: now };
}

/**
 * The state after an answer. A failure changes no address: the last good answer stays, because a partner's address
 * seldom changes while its DNS fails. An answer of several addresses may be a part of all of them, in turn with others:
 * an earlier address stays until it was absent for its TTL, and at least 30 seconds. An answer of one address replaces
 * all.
 */
export function afterAnswer(state: NameState, answer: NameAnswer, context: NameContext): NameState {
  if ('failure' in answer) return afterFailure({ ...state, refused: [] }, answer.failure, context);
  const { now, policy, random } = context;
  const { used, refused } = judge(bounded(answer.addresses), policy);
  if (used.length === 0) return afterFailure({ ...state, refused }, 'refused-addresses', context);
  const ttl = ttlMs(answer);
  return {
    held: heldAfter(state.held, used, now, now + Math.max(ttl, LEAST_STAY_MS)),
    refused,
    failures: 0,
    nextQuestion: now + ttl + random * JITTER_MS,
  };
}

/** The state without addresses whose time is over. */
export function afterTime(state: NameState, now: number): NameState {
  const held = state.held.filter((one) => isHeld(one, now));
  return held.length === state.held.length ? state : { ...state, held };
}

/**
 * The state with another policy: without addresses that it refuses. A name asks at once if the policy may accept more,
 * or has left nothing.
 */
export function afterPolicy(state: NameState, policy: AddressPolicy, now: number): NameState {
  const held = state.held.filter(({ address }) => refusalOf(address, policy) === undefined);
  const isSettled = held.length > 0 && state.refused.length === 0;
  // It waits for an answer already.
  const isAsking = state.nextQuestion === Number.POSITIVE_INFINITY;
  return { ...state, held, nextQuestion: isSettled || isAsking ? state.nextQuestion : now };
}

/** When the state has to change next: by a question, or because an address goes. */
export function nextEvent({ held, nextQuestion }: NameState): number {
  return held.reduce(
    (next, { isInAnswer, staysUntil }) => (isInAnswer ? next : Math.min(next, staysUntil)),
    nextQuestion,
  );
}

function afterFailure(state: NameState, failure: NameFailure, { now, random }: NameContext): NameState {
  const failures = state.failures + 1;
  const retry = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30), LAST_RETRY_MS);
  return {
    ...afterTime(state, now),
    failures,
    lastFailure: failure,
    failingSince: state.failingSince ?? now,
    nextQuestion: now + retry + random * JITTER_MS,
  };
}

function heldAfter(
  before: readonly HeldAddress[],
  used: readonly IpAddress[],
  now: number,
  staysUntil: number,
): readonly HeldAddress[] {
  const named = new Set(used.map(({ text }) => text));
  const absent = before
    .filter(({ address }) => !named.has(address.text))
    .map((one) => ({ ...one, isInAnswer: false }))
    .filter((one) => isHeld(one, now))
    .sort((one, other) => other.staysUntil - one.staysUntil);
  const staying = used.length === 1 ? [] : absent.slice(0, MOST_ADDRESSES - used.length);
  return [...used.map((address) => ({ address, isInAnswer: true, staysUntil })), ...staying].sort((one, other) =>
    byText(one.address, other.address),
  );
}

function isHeld({ isInAnswer, staysUntil }: HeldAddress, now: number): boolean {
  return isInAnswer || now < staysUntil;
}

/** Each address once, and the same ones whatever the answer's order. */
function bounded(addresses: readonly IpAddress[]): IpAddress[] {
  const byItself = new Map(addresses.map((address) => [address.text, address]));
  return [...byItself.values()].sort(byText).slice(0, MOST_ADDRESSES);
}

/** By code unit: the order must not depend on the machine's language. */
function byText({ text }: IpAddress, other: IpAddress): number {
  return text < other.text ? -1 : text > other.text ? 1 : 0;
}

/** A TTL with its highest bit set counts as 0. @see RFC 2181 section 8 */
function ttlMs({ ttl }: NameAddresses): number {
  const seconds = ttl > 0x7fffffff ? 0 : ttl;
  return Math.min(Math.max(seconds * 1000, LEAST_TTL_MS), MOST_TTL_MS);
}
