import type { AddressPolicy } from '../../../src/domain/names/address-policy';
import type { NameAnswer, NameFailure } from '../../../src/domain/names/name-answer';
import { nameKey } from '../../../src/domain/names/name-key';
import {
  afterAnswer,
  afterPolicy,
  afterTime,
  type NameState,
  nextEvent,
  resumed,
} from '../../../src/domain/names/name-state';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import type { Resolver } from './question-queue';

/** A name whose addresses are wanted. */
export interface WatchedName {
  readonly name: string;
  /** Those of the router. */
  readonly families: readonly Family[];
  readonly policy: AddressPolicy;
  /** The addresses that are in force already, of a name that was not watched before; absent: none. */
  readonly held?: (family: Family) => readonly IpAddress[];
}

/** The addresses of a name, of one family. */
export interface WatchedAddresses {
  readonly name: string;
  readonly family: Family;
  readonly state: NameState;
  /** When the last answer led to an address, in seconds since the epoch; absent: none did. */
  readonly lastAnswer?: number;
  /** Answers, by what they were. */
  readonly outcomes: ReadonlyMap<Outcome, number>;
}

export type Outcome = NameFailure | 'addresses';

/** Time and chance, which tests replace. */
export interface WatchClock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** From 0 up to, and without, 1. */
  random(): number;
}

const CLOCK: WatchClock = { now: () => performance.now(), random: Math.random };

/** Milliseconds between two looks at what is due, at least. */
const STEP_MS = 100;

/** Milliseconds of the longest timer: a signed number of 32 bits. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** One family of a watched name. */
class Watch {
  /** When the state has to change next. */
  public next = 0;
  public lastAnswer: number | undefined;
  public readonly outcomes = new Map<Outcome, number>();
  private current!: NameState;

  public constructor(
    public readonly watched: WatchedName,
    public readonly family: Family,
    earlier: Watch | undefined,
    now: number,
  ) {
    const { policy, held } = watched;
    this.state =
      earlier === undefined ? resumed(held?.(family) ?? [], policy, now) : afterPolicy(earlier.state, policy, now);
    this.lastAnswer = earlier?.lastAnswer;
    for (const [outcome, count] of earlier?.outcomes ?? []) this.outcomes.set(outcome, count);
  }

  public get state(): NameState {
    return this.current;
  }

  public set state(state: NameState) {
    this.current = state;
    this.next = nextEvent(state);
  }

  public get name(): string {
    return this.watched.name;
  }

  public answered(answer: NameAnswer, now: number, random: number): void {
    this.state = afterAnswer(this.state, answer, { now, policy: this.watched.policy, random });
    const outcome = this.state.lastFailure ?? 'addresses';
    if (outcome === 'addresses') this.lastAnswer = Math.floor(Date.now() / 1000);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}

/** Asks for names again and again, each when its last answer ends, and reports changes of their addresses. */
export class NameWatch implements Disposable {
  private watches = new Map<string, Watch>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer ends. */
  private timerEnd = Number.POSITIVE_INFINITY;

  /** @param onChange called for each name and family whose addresses have changed */
  public constructor(
    private readonly resolver: Resolver,
    private readonly onChange: (changed: WatchedAddresses) => void,
    private readonly clock: WatchClock = CLOCK,
  ) {}

  /** Watches these names alone, each once. Those that were watched before keep what is known of them. */
  public watch(names: readonly WatchedName[]): void {
    const now = this.clock.now();
    const before = this.watches;
    this.watches = new Map(
      names.flatMap((watched) =>
        watched.families.map((family): [string, Watch] => {
          const key = nameKey({ name: watched.name, family });
          return [key, new Watch(watched, family, before.get(key), now)];
        }),
      ),
    );
    this.proceed();
  }

  public addressesOf(name: string, family: Family): readonly IpAddress[] {
    return this.watches.get(nameKey({ name, family }))?.state.held.map(({ address }) => address) ?? [];
  }

  public [Symbol.iterator](): IterableIterator<WatchedAddresses> {
    return this.watches.values();
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.watches.clear();
  }

  /** Does what is due, and sets the timer for what is due next. */
  private proceed(): void {
    const now = this.clock.now();
    const all = [...this.watches.values()];
    const due = all.filter(({ next }) => next <= now);
    this.change(due, () => {
      for (const watch of due) watch.state = afterTime(watch.state, now);
    });
    for (const watch of due) if (watch.state.nextQuestion <= now) this.ask(watch);
    clearTimeout(this.timer);
    this.timerEnd = Number.POSITIVE_INFINITY;
    this.wakeAt(
      all.reduce((first, { next }) => Math.min(first, next), Number.POSITIVE_INFINITY),
      now,
    );
  }

  /** With thousands of names, each answer would else look at all of them, and each question have a timer of its own. */
  private wakeAt(time: number, now: number): void {
    if (time >= this.timerEnd) return;
    clearTimeout(this.timer);
    this.timerEnd = time;
    const wait = Math.min(Math.max(STEP_MS, time - now), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.proceed(), wait);
  }

  private ask(watch: Watch): void {
    const { name, family } = watch;
    // Until the answer, which always comes.
    watch.state = { ...watch.state, nextQuestion: Number.POSITIVE_INFINITY };
    void this.resolver.ask({ name, family }).then((answer) => this.answered(nameKey({ name, family }), answer));
  }

  /** The name may be watched with another policy than when it was asked for, or no longer. */
  private answered(key: string, answer: NameAnswer): void {
    const watch = this.watches.get(key);
    if (watch === undefined) return;
    const now = this.clock.now();
    this.change([watch], () => watch.answered(answer, now, this.clock.random()));
    this.wakeAt(watch.next, now);
  }

  /** @param watches those that the step may change */
  private change(watches: readonly Watch[], step: () => void): void {
    const before = watches.map(({ state }) => state);
    step();
    for (const [index, watch] of watches.entries()) {
      if (!hasSameAddresses(before[index]!, watch.state)) this.onChange(watch);
    }
  }
}

function hasSameAddresses({ held }: NameState, { held: other }: NameState): boolean {
  return (
    held.length === other.length && held.every(({ address }, index) => address.text === other[index]?.address.text)
  );
}
