import type { SyncMessage } from './sync-message';

/** What a turn of a feed did. */
export interface FeedTurn {
  /** Whether all that the kernel has said was read. */
  readonly isDrained: boolean;
  /** Whether the kernel had lost events since the last turn. */
  readonly hasLost: boolean;
}

/** Where a stream has its messages from: all connections first, and then what becomes of them. */
export interface ConnectionFeed extends Disposable {
  /**
   * Reads some of what the kernel has said.
   *
   * @param send hears the messages, in order
   * @param hasRoom whether the reader keeps up, so that a list may go on
   * @param now milliseconds of a monotonic clock
   * @throws NetlinkError
   */
  turn(send: (message: SyncMessage) => void, hasRoom: boolean, now: number): FeedTurn;
}
