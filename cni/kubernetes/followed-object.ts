import type { ApiClient } from './api-client';
import { ApiFailure } from './api-failure';

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

/** Milliseconds before a broken watch is begun again, of which half are drawn. */
const AGAIN_MS = 2000;

/** One object, known by its name alone: made if it is missing, read, replaced if it is unchanged, and followed. */
export class FollowedObject implements Disposable {
  private readonly path: string;
  private readonly ownOnly: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private endWatch: (() => void) | undefined;
  private isDisposed = false;

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
    await this.attempt(async () => {
      try {
        this.listener.found(await this.api.ask({ method: 'GET', path: this.path }));
      } catch (error) {
        if (!hasStatus(error, NOT_FOUND)) throw error;
        this.listener.found(await this.make());
      }
    });
  }

  /** Replaces the object, if it has still the resource version of the new one; what is there instead is read. */
  public async replace(object: object, fieldManager: string): Promise<void> {
    await this.attempt(async () => {
      try {
        const path = `${this.path}?fieldManager=${fieldManager}`;
        this.listener.found(await this.api.ask({ method: 'PUT', path, body: object }));
      } catch (error) {
        if (!hasStatus(error, CONFLICT) && !hasStatus(error, NOT_FOUND)) throw error;
        await this.read();
      }
    });
  }

  /** Reads the object, and every later state of it. A watch that breaks begins anew. */
  public async follow(): Promise<void> {
    await this.attempt(async () => {
      const { folder } = this.place;
      const list = await this.api.ask({ method: 'GET', path: `${folder}?${this.ownOnly}` });
      const { items, metadata } = list as { items?: unknown[]; metadata?: { resourceVersion?: unknown } };
      this.listener.found(items?.[0] ?? (await this.make()));
      if (this.isDisposed) return;
      const since = encodeURIComponent(String(metadata?.resourceVersion ?? ''));
      this.endWatch = this.api.watch(
        `${folder}?${this.ownOnly}&watch=true&allowWatchBookmarks=true&resourceVersion=${since}`,
        (event) => this.event(event),
        ({ message }) => this.again(message),
      );
    });
    if (this.endWatch === undefined) this.again();
  }

  private event(value: unknown): void {
    const { type, object } = value as { type?: unknown; object?: unknown };
    if (type === 'ADDED' || type === 'MODIFIED') this.listener.found(object);
    // The read makes it again.
    else if (type === 'DELETED') void this.read();
    else if (type === 'ERROR') {
      this.endWatch?.();
      this.again('the watch is too old');
    }
  }

  private again(problem?: string): void {
    this.endWatch = undefined;
    if (this.isDisposed) return;
    if (problem !== undefined) this.listener.failed(problem);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(), AGAIN_MS * (0.5 + Math.random() / 2));
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

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      this.listener.failed(error.message);
    }
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiFailure && error.status === status;
}
