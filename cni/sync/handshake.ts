import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SyncRefusal } from './sync-refusal';

/*
 * Both pods prove that they have a key of the pair, over numbers that each draws for this connection: what was recorded
 * of another connection proves nothing. The standby goes first, so that a holder says nothing to others.
 *
 *     holder → standby   greeting: mark, format, number
 *     standby → holder   answer:   mark, format, number, a proof with each of its keys
 *     holder → standby   a proof with the key that they share
 */

/** Begins both first messages: what connects by mistake is not taken for a peer with a wrong key. */
const MARK = Buffer.from('ERSY', 'latin1');
/** Of all that follows. The standby speaks the holder's if that is older. */
const FORMAT = 1;

const NONCE_BYTES = 32;
const PROOF_BYTES = 32;
/** Keys that a pod has at most: during a rotation the old one, too. */
const MOST_KEYS = 2;

const HELLO_BYTES = MARK.length + 1 + NONCE_BYTES;
export const GREETING_BYTES = HELLO_BYTES;
export const ANSWER_BYTES = HELLO_BYTES + MOST_KEYS * PROOF_BYTES;
export const CONFIRMATION_BYTES = PROOF_BYTES;

/** What both sides have when they know each other. */
export interface Session {
  /** Of the pair, by which they know each other. */
  readonly pairKey: Uint8Array;
  /** Of this connection, one for each direction. */
  readonly toStandby: Uint8Array;
  readonly toHolder: Uint8Array;
}

/** The holder's part. */
export class HolderHandshake {
  public readonly greeting = hello();

  /**
   * @param keys of the pair
   * @returns the session, and the proof for the standby
   * @throws SyncRefusal
   */
  public accept(answer: Buffer, keys: readonly Uint8Array[]): { session: Session; confirmation: Buffer } {
    if (formatOf(answer) !== FORMAT) throw new SyncRefusal('version');
    const transcript = Buffer.concat([this.greeting, answer.subarray(0, HELLO_BYTES)]);
    const proofs = Array.from({ length: MOST_KEYS }, (_, index) => {
      const at = HELLO_BYTES + index * PROOF_BYTES;
      return answer.subarray(at, at + PROOF_BYTES);
    });
    const pairKey = keys.find((key) => {
      const proof = hmac(key, 'standby', transcript);
      return proofs.some((given) => timingSafeEqual(given, proof));
    });
    if (pairKey === undefined) throw new SyncRefusal('forged');
    return { session: sessionOf(pairKey, transcript), confirmation: hmac(pairKey, 'holder', transcript) };
  }
}

/** The standby's part. */
export class StandbyHandshake {
  private readonly hello = hello();
  private transcript = Buffer.alloc(0);
  private keys: readonly Uint8Array[] = [];

  /** @param keys of the pair, the one that signs first @throws SyncRefusal */
  public answer(greeting: Buffer, keys: readonly Uint8Array[]): Buffer {
    // A newer holder knows this format, too.
    if (formatOf(greeting) < FORMAT) throw new SyncRefusal('version');
    this.transcript = Buffer.concat([greeting, this.hello]);
    this.keys = keys.slice(0, MOST_KEYS);
    const proofs = this.keys.map((key) => hmac(key, 'standby', this.transcript));
    while (proofs.length < MOST_KEYS) proofs.push(randomBytes(PROOF_BYTES));
    return Buffer.concat([this.hello, ...proofs]);
  }

  /** @throws SyncRefusal */
  public confirm(confirmation: Buffer): Session {
    const pairKey = this.keys.find((key) => timingSafeEqual(hmac(key, 'holder', this.transcript), confirmation));
    if (pairKey === undefined) throw new SyncRefusal('forged');
    return sessionOf(pairKey, this.transcript);
  }
}

function hello(): Buffer {
  return Buffer.concat([MARK, Buffer.from([FORMAT]), randomBytes(NONCE_BYTES)]);
}

/** @throws SyncRefusal */
function formatOf(message: Buffer): number {
  if (!message.subarray(0, MARK.length).equals(MARK)) throw new SyncRefusal('forged');
  return message[MARK.length]!;
}

function sessionOf(pairKey: Uint8Array, transcript: Buffer): Session {
  return {
    pairKey,
    toStandby: hmac(pairKey, 'to standby', transcript),
    toHolder: hmac(pairKey, 'to holder', transcript),
  };
}

/** @param label keeps what is made for one purpose from serving another */
function hmac(key: Uint8Array, label: string, transcript: Buffer): Buffer {
  return createHmac('sha256', key).update(label).update('\0').update(transcript).digest();
}
