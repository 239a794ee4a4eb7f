import type { ApiClient } from '../../kubernetes/api-client';
import { retryMs } from '../../kubernetes/retry-wait';
import type { LockSlice, SlicePods } from '../../standby/lock-slice';
import type { PairLock } from '../../standby/pair-lock';
import { LockClient } from './lock-client';
import type { PairOptions } from './pair-options';
import type { OwnedSlice } from './pair-services';

/** Hears of the lock. */
export interface PairSlicesListener {
  found(lock: PairLock): void;
  /** A request failed. */
  failed(): void;
}

/** Milliseconds after a failure until it counts: an API server that refuses at once is not asked all the time. */
const FAILED_MS = 100;

/** A slice that follows the lock. */
interface Follower {
  readonly slice: OwnedSlice;
  readonly client: LockClient;
  known: LockSlice | undefined;
  problem: string | undefined;
  /** In a row. */
  failures: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The EndpointSlices of a pair: the lock, and one for every other Service and family, which follow it. The holder
 * writes them after it has won the lock, all at once.
 */
export class PairSlices implements Disposable {
  private readonly lock: LockClient;
  private readonly followers: readonly Follower[];
  private last: LockSlice | undefined;
  private problem: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What the Services are to lead to: whether this pod's checks hold. */
  private ready = true;

  public constructor(
    api: ApiClient,
    private readonly slices: readonly [OwnedSlice, ...OwnedSlice[]],
    private readonly pod: Pick<PairOptions, 'pod' | 'node'>,
    private readonly listener: PairSlicesListener,
  ) {
    const [own, ...others] = slices;
    this.lock = new LockClient(api, own.owner, {
      found: (slice) => this.found(slice),
      failed: (problem) => {
        this.problem = problem;
        this.timer ??= setTimeout(() => {
          this.timer = undefined;
          listener.failed();
        }, FAILED_MS);
      },
    });
    this.followers = others.map((slice) => {
      const follower: Follower = {
        slice,
        known: undefined,
        problem: undefined,
        failures: 0,
        timer: undefined,
        client: new LockClient(api, slice.owner, {
          found: (known) => this.followed(follower, known),
          failed: (problem) => this.notFollowed(follower, problem),
        }),
      };
      return follower;
    });
  }

  public [Symbol.dispose](): void {
    for (const { timer, client } of [{ timer: this.timer, client: this.lock }, ...this.followers]) {
      clearTimeout(timer);
      client[Symbol.dispose]();
    }
  }

  /** The lock as it was last seen. */
  public get slice(): LockSlice | undefined {
    return this.last;
  }

  /** Why a slice is not known or not written, one sentence each. */
  public get problems(): string[] {
    return [this.problem, ...this.followers.map(({ problem }) => problem)].flatMap((problem) => problem ?? []);
  }

  public follow(): void {
    void this.lock.follow();
  }

  public read(): void {
    void this.lock.read();
  }

  /** Replaces the lock, if it is still `over`. */
  public write(over: PairLock, lock: PairLock): void {
    const { last } = this;
    // What is there instead is known, or will be when the watch has said it.
    if (last === undefined || last.lock.revision !== over.revision) this.read();
    else void this.lock.write(last, lock, this.podsOf(last, lock));
  }

  /** The holder's checks hold, or do not: the Services lead to it, or to no pod. */
  public setReady(ready: boolean): void {
    const { last } = this;
    const isEndpoint = last?.endpoint?.pod === this.pod.pod;
    // A pod that takes over leads the Services to itself at once.
    this.ready = !isEndpoint || ready;
    if (isEndpoint && last.endpoint.ready !== ready)
      void this.lock.write(last, last.lock, this.podsOf(last, last.lock));
  }

  private found(slice: LockSlice): void {
    const before = this.last;
    const answersAgain = this.problem !== undefined;
    this.problem = undefined;
    this.last = slice;
    const { epoch, holder } = slice.lock;
    const isChanged =
      before?.lock.epoch !== epoch || before.lock.holder !== holder || before.endpoint?.ready !== slice.endpoint?.ready;
    for (const follower of this.followers) {
      if (isChanged || (answersAgain && follower.problem !== undefined)) this.update(follower);
    }
    this.listener.found(slice.lock);
  }

  /** The holder writes it; another pod reads it, so that it can write it without a question when it takes over. */
  private update({ slice, client, known }: Follower): void {
    const { last } = this;
    if (last === undefined) return;
    const { lock, endpoint } = last;
    if (known === undefined || lock.holder !== this.pod.pod) void client.read();
    else if (!isSame(known, last)) {
      const pods = endpoint === undefined ? {} : { endpoint: { ...endpoint, address: slice.address } };
      void client.write(known, lock, pods);
    }
  }

  private followed(follower: Follower, known: LockSlice): void {
    clearTimeout(follower.timer);
    [follower.known, follower.problem, follower.failures] = [known, undefined, 0];
    if (this.last?.lock.holder === this.pod.pod && !isSame(known, this.last)) this.update(follower);
  }

  private notFollowed(follower: Follower, problem: string): void {
    follower.problem = problem;
    if (this.last?.lock.holder !== this.pod.pod) return;
    clearTimeout(follower.timer);
    follower.timer = setTimeout(() => void follower.client.read(), retryMs(follower.failures));
    follower.failures += 1;
  }

  /** The pods behind a lock: this one, or those that the lock over which it is written already names. */
  private podsOf({ lock: before, ...pods }: LockSlice, { holder, seat }: PairLock): SlicePods {
    const { pod, node } = this.pod;
    const [{ address }] = this.slices;
    const endpoint =
      holder === pod ? { pod, node, address, ready: this.ready } : kept(holder, before.holder, pods.endpoint);
    const seatAddress = seat === pod ? address : kept(seat, before.seat, pods.seatAddress);
    return { ...(endpoint && { endpoint }), ...(seatAddress && { seatAddress }) };
  }
}

/** Whether a follower says what the lock says. */
function isSame(follower: LockSlice, { lock, endpoint }: LockSlice): boolean {
  return (
    follower.lock.epoch === lock.epoch &&
    follower.endpoint?.pod === endpoint?.pod &&
    follower.endpoint?.ready === endpoint?.ready
  );
}

function kept<T>(named: string | undefined, before: string | undefined, value: T | undefined): T | undefined {
  return named !== undefined && named === before ? value : undefined;
}
