import type { ApiClient } from '../../kubernetes/api-client';
import { ApiFailure } from '../../kubernetes/api-failure';
import { type LockSlice, readSlice, type SliceEndpoint, type SliceOwner, sliceOf } from '../../standby/lock-slice';
import { EMPTY_LOCK, type PairLock } from '../../standby/pair-lock';

/** Hears what the API server says of the lock. */
export interface LockListener {
  /** The lock as it is, or was a moment ago. */
  found(slice: LockSlice): void;
  /** Why it is not known, or could not be written, as a sentence. */
  failed(problem: string): void;
}

/** Of the fields that a client writes: the one that makes the slice, and the one that replaces it. */
const MAKER = 'cdk8s-egress-router-start';
const WRITER = 'cdk8s-egress-router';

const CONFLICT = 409;
const NOT_FOUND = 404;

/** Milliseconds before a broken watch is begun again, of which half are drawn. */
const AGAIN_MS = 2000;

/** Reads, writes and follows the lock of a pair, which is an EndpointSlice. */
export class LockClient implements Disposable {
  private readonly folder: string;
  private readonly path: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private endWatch: (() => void) | undefined;

  public constructor(
    private readonly api: ApiClient,
    private readonly owner: SliceOwner,
    private readonly listener: LockListener,
  ) {
    this.folder = `/apis/discovery.k8s.io/v1/namespaces/${owner.namespace}/endpointslices`;
    this.path = `${this.folder}/${owner.name}`;
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.endWatch?.();
  }

  /** Reads the lock, and makes an empty one if the API server has no such slice. */
  public async read(): Promise<void> {
    await this.attempt(async () => {
      try {
        this.accept(await this.api.ask({ method: 'GET', path: this.path }));
      } catch (error) {
        if (!hasStatus(error, NOT_FOUND)) throw error;
        this.accept(await this.make());
      }
    });
  }

  /** Replaces the lock, if it is still `over`; what is there instead is read. */
  public async write(over: LockSlice, lock: PairLock, endpoint: SliceEndpoint | undefined): Promise<void> {
    const body = sliceOf(this.owner, lock, endpoint, over.resourceVersion);
    await this.attempt(async () => {
      try {
        this.accept(await this.api.ask({ method: 'PUT', path: `${this.path}?fieldManager=${WRITER}`, body }));
      } catch (error) {
        if (!hasStatus(error, CONFLICT) && !hasStatus(error, NOT_FOUND)) throw error;
        await this.read();
      }
    });
  }

  /** Reads the lock, and whatever becomes of it. A watch that breaks begins anew. */
  public async follow(): Promise<void> {
    await this.attempt(async () => {
      const list = await this.api.ask({ method: 'GET', path: `${this.folder}?${this.ownOnly}` });
      const { items, metadata } = list as { items?: unknown[]; metadata?: { resourceVersion?: unknown } };
      this.accept(items?.[0] ?? (await this.make()));
      const since = encodeURIComponent(String(metadata?.resourceVersion ?? ''));
      this.endWatch = this.api.watch(
        `${this.folder}?${this.ownOnly}&watch=true&allowWatchBookmarks=true&resourceVersion=${since}`,
        (event) => this.event(event),
        ({ message }) => this.again(message),
      );
    });
    if (this.endWatch === undefined) this.again();
  }

  private event(value: unknown): void {
    const { type, object } = value as { type?: unknown; object?: unknown };
    if (type === 'ADDED' || type === 'MODIFIED') this.accept(object);
    // The read makes it again.
    else if (type === 'DELETED') void this.read();
    else if (type === 'ERROR') {
      this.endWatch?.();
      this.again('the watch is too old');
    }
  }

  private again(problem?: string): void {
    this.endWatch = undefined;
    if (problem !== undefined) this.listener.failed(problem);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(), AGAIN_MS * (0.5 + Math.random() / 2));
  }

  /** Both pods make the same slice, and a slice that has a holder meanwhile refuses to be made. */
  private async make(): Promise<unknown> {
    const body = sliceOf(this.owner, EMPTY_LOCK, undefined);
    const contentType = 'application/apply-patch+yaml';
    try {
      return await this.api.ask({ method: 'PATCH', path: `${this.path}?fieldManager=${MAKER}`, body, contentType });
    } catch (error) {
      if (!hasStatus(error, CONFLICT)) throw error;
      return this.api.ask({ method: 'GET', path: this.path });
    }
  }

  private accept(value: unknown): void {
    const slice = readSlice(this.owner, value);
    if ('problem' in slice) this.listener.failed(slice.problem);
    else this.listener.found(slice);
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      this.listener.failed(error.message);
    }
  }

  private get ownOnly(): string {
    return `fieldSelector=${encodeURIComponent(`metadata.name=${this.owner.name}`)}`;
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiFailure && error.status === status;
}
