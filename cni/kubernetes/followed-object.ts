import type { ApiClient } from './api-client';
import { ApiFailure } from './api-failure';
import { retryMs } from './retry-wait';

/** Where an object is. */
export interface ObjectPlace {
  /** Of its kind in its namespace: `/api/v1/namespaces/partners/secrets`. */
  readonly folder: string;
  readonly name: string;
}

/** Hears what becomes of an object. */
export interface ObjectListener {
  /** The object as it is, or was a moment ago. */
  found(object: unknown): void;
  /** Why it is not known, as a sentence. */
  failed(problem: string): void;
}

const CONFLICT = 409;
const NOT_FOUND = 404;

/** One object, known by its name alone: made if it is missing, read, replaced if it is unchanged, and followed. */
export class FollowedObject implements Disposable {
  private readonly path: string;
  private readonly ownOnly: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private endWatch: (() => void) | undefined;
  private isDisposed = false;
  /** Failures in a row to read the object or to watch it. */
  private failures = 0;

  /**
   * @param initial the object to make when it is missing
   * @param maker field manager of the initial object. A second maker of another content is refused, and reads the first
   *   one's; two makers of one name would overwrite each other
   */
  public constructor(
    private readonly api: ApiClient,
    private readonly place: ObjectPlace,
    private readonly initial: () => object,
    private readonly maker: string,
    private readonly listener: ObjectListener,
    private readonly waitMs: (failures: number) => number = retryMs,
  ) {
    this.path = `${place.folder}/${place.name}`;
    this.ownOnly = `fieldSelector=${encodeURIComponent(`metadata.name=${place.name}`)}`;
  }

  public [Symbol.dispose](): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    this.endWatch?.();
  }

  /** Reads the object, and makes it if the API server has none. */
  public async read(): Promise<void> {
    await this.tryRead();
  }

  /** Replaces the object, if it has still the resource version of the new one; what is there instead is read. */
  public async replace(object: object, fieldManager: string): Promise<void> {
    await this.attempt(async () => {
      try {
        const path = `${this.path}?fieldManager=${fieldManager}`;
        this.found(await this.api.ask({ method: 'PUT', path, body: object }));
      } catch (error) {
        if (!hasStatus(error, CONFLICT) && !hasStatus(error, NOT_FOUND)) throw error;
        await this.read();
      }
    });
  }

  /** Reads the object, and every later state of it. A watch that ends begins anew. */
  public async follow(): Promise<void> {
    const isFollowed = await this.attempt(async () => {
      const { folder } = this.place;
      const list = await this.api.ask({ method: 'GET', path: `${folder}?${this.ownOnly}` });
      const { items, metadata } = list as { items?: unknown[]; metadata?: { resourceVersion?: unknown } };
      this.found(items?.[0] ?? (await this.make()));
      if (this.isDisposed) return;
      clearTimeout(this.timer);
      this.endWatch?.();
      const since = encodeURIComponent(String(metadata?.resourceVersion ?? ''));
      this.endWatch = this.api.watch(
        `${folder}?${this.ownOnly}&watch=true&allowWatchBookmarks=true&resourceVersion=${since}`,
        (event) => this.event(event),
        (failure) => this.ended(failure),
      );
    });
    if (!isFollowed) this.retry();
  }

  private event(value: unknown): void {
    const { type, object } = value as { type?: unknown; object?: unknown };
    if (type === 'ADDED' || type === 'MODIFIED') this.found(object);
    else if (type === 'DELETED') void this.remake();
    // Too old: the list has what it missed.
    else if (type === 'ERROR') this.anew();
  }

  private async remake(): Promise<void> {
    if (!(await this.tryRead())) this.anew();
  }

  /** A server ends each watch after a while, which is not a failure: the list shows whether there is one. */
  private ended(failure: ApiFailure): void {
    if (failure.status === undefined) this.anew();
    else {
      this.listener.failed(failure.message);
      this.retry();
    }
  }

  private anew(): void {
    this.failures = 0;
    this.retry();
  }

  private retry(): void {
    this.endWatch?.();
    this.endWatch = undefined;
    if (this.isDisposed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(), this.waitMs(this.failures));
    this.failures += 1;
  }

  private tryRead(): Promise<boolean> {
    return this.attempt(async () => this.found(await this.present()));
  }

  private async present(): Promise<unknown> {
    try {
      return await this.api.ask({ method: 'GET', path: this.path });
    } catch (error) {
      if (!hasStatus(error, NOT_FOUND)) throw error;
      return this.make();
    }
  }

  /** Server-side apply: its right to create can be limited to a name. */
  private async make(): Promise<unknown> {
    const path = `${this.path}?fieldManager=${encodeURIComponent(this.maker)}`;
    const contentType = 'application/apply-patch+yaml';
    try {
      return await this.api.ask({ method: 'PATCH', path, body: this.initial(), contentType });
    } catch (error) {
      if (!hasStatus(error, CONFLICT)) throw error;
      return this.api.ask({ method: 'GET', path: this.path });
    }
  }

  private found(object: unknown): void {
    if (!this.isDisposed) this.listener.found(object);
  }

  /** @returns whether the API server did what it was asked for */
  private async attempt(step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (!this.isDisposed) this.listener.failed(error.message);
      return false;
    }
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiFailure && error.status === status;
}
