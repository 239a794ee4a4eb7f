import type { ApiClient } from '../../kubernetes/api-client';
import { FollowedObject } from '../../kubernetes/followed-object';
import { type LockSlice, readSlice, type SliceOwner, type SlicePods, sliceOf } from '../../standby/lock-slice';
import { EMPTY_LOCK, type PairLock } from '../../standby/pair-lock';

/** Hears what the API server says of the lock. */
export interface LockListener {
  /** The lock as it is, or was a moment ago. */
  found(slice: LockSlice): void;
  /** Why it is not known, or could not be written, as a sentence. */
  failed(problem: string): void;
}

/** Field managers: of the first, empty slice, which both pods make, and of all later ones. */
const MAKER = 'cdk8s-egress-router-start';
const WRITER = 'cdk8s-egress-router';

/** Reads, writes and follows the lock of a pair, which is an EndpointSlice. */
export class LockClient implements Disposable {
  private readonly slice: FollowedObject;

  public constructor(
    api: ApiClient,
    private readonly owner: SliceOwner,
    listener: LockListener,
  ) {
    const { namespace, name } = owner;
    const place = { folder: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, name };
    this.slice = new FollowedObject(api, place, () => sliceOf(owner, EMPTY_LOCK, {}), MAKER, {
      found: (object) => {
        const slice = readSlice(owner, object);
        if ('problem' in slice) listener.failed(slice.problem);
        else listener.found(slice);
      },
      failed: (problem) => listener.failed(problem),
    });
  }

  public [Symbol.dispose](): void {
    this.slice[Symbol.dispose]();
  }

  /** Reads the lock, and makes an empty one if the API server has none. */
  public read(): Promise<void> {
    return this.slice.read();
  }

  /** Replaces the lock, if it is still `over`; what is there instead is read. */
  public write(over: LockSlice, lock: PairLock, pods: SlicePods): Promise<void> {
    return this.slice.replace(sliceOf(this.owner, lock, pods, over.resourceVersion), WRITER);
  }

  /** Reads the lock, and whatever becomes of it. */
  public follow(): Promise<void> {
    return this.slice.follow();
  }
}
