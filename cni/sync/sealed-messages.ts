import { createHmac, timingSafeEqual } from 'node:crypto';
import { SyncRefusal } from './sync-refusal';

/*
 * Messages of one direction: length, HMAC-SHA256 of number and message, message. The number is not sent: each side
 * counts, so that a message that comes twice, too late or from elsewhere has a wrong tag.
 */

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const HEADER_BYTES = LENGTH_BYTES + TAG_BYTES;

/** Bytes of the longest message. */
export const MOST_MESSAGE_BYTES = 32 * 1024;

/** Seals what is sent. */
export class Sealer {
  private readonly tags: Tags;

  public constructor(key: Uint8Array) {
    this.tags = new Tags(key);
  }

  public seal(message: Uint8Array): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(message.length);
    this.tags.next(message).copy(header, LENGTH_BYTES);
    return Buffer.concat([header, message]);
  }
}

/** Opens what is received, from parts of any length. */
export class Opener {
  private readonly tags: Tags;
  private rest: Buffer = Buffer.alloc(0);

  public constructor(key: Uint8Array) {
    this.tags = new Tags(key);
  }

  /** The messages that are complete. @throws SyncRefusal at the first that is not the peer's */
  public *open(part: Buffer): Generator<Buffer> {
    this.rest = this.rest.length === 0 ? part : Buffer.concat([this.rest, part]);
    for (;;) {
      if (this.rest.length < HEADER_BYTES) return;
      const length = this.rest.readUInt32BE();
      // Before anything is kept for it: the length is not proved yet.
      if (length > MOST_MESSAGE_BYTES) throw new SyncRefusal('forged');
      const end = HEADER_BYTES + length;
      if (this.rest.length < end) return;
      const message = this.rest.subarray(HEADER_BYTES, end);
      const tag = this.rest.subarray(LENGTH_BYTES, HEADER_BYTES);
      if (!timingSafeEqual(this.tags.next(message), tag)) throw new SyncRefusal('forged');
      this.rest = this.rest.subarray(end);
      yield message;
    }
  }
}

/** The tags of messages, one after the other. */
class Tags {
  private number = 0;
  private readonly numberBytes = Buffer.alloc(8);

  public constructor(private readonly key: Uint8Array) {}

  public next(message: Uint8Array): Buffer {
    // Doubles count to 2^53: more messages than a connection lives for.
    this.numberBytes.writeUInt32BE(Math.floor(this.number / 2 ** 32));
    this.numberBytes.writeUInt32BE(this.number % 2 ** 32, 4);
    this.number += 1;
    return createHmac('sha256', this.key).update(this.numberBytes).update(message).digest().subarray(0, TAG_BYTES);
  }
}
