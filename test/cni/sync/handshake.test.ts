import { randomBytes } from 'node:crypto';
import {
  ANSWER_BYTES,
  CONFIRMATION_BYTES,
  GREETING_BYTES,
  HolderHandshake,
  StandbyHandshake,
} from '../../../cni/sync/handshake';

const [KEY, OLD, OTHER] = [randomBytes(32), randomBytes(32), randomBytes(16)];

function meet(holderKeys: readonly Uint8Array[], standbyKeys: readonly Uint8Array[]) {
  const [holder, standby] = [new HolderHandshake(), new StandbyHandshake()];
  const answer = standby.answer(holder.greeting, standbyKeys);
  const { session, confirmation } = holder.accept(answer, holderKeys);
  return { holder, answer, session, confirmation, standby };
}

const refused = (reason: string) => expect.objectContaining({ reason });
const reasonOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('the handshake of a pair', () => {
  test('gives both sides the same session, with a key for each direction', () => {
    const { session, confirmation, standby, holder, answer } = meet([KEY], [KEY]);
    expect([holder.greeting.length, answer.length, confirmation.length]).toEqual([
      GREETING_BYTES,
      ANSWER_BYTES,
      CONFIRMATION_BYTES,
    ]);
    expect(standby.confirm(confirmation)).toEqual(session);
    expect(session.toHolder.length).toBe(32);
    expect(session.toHolder).not.toEqual(session.toStandby);
    expect(session.pairKey).toBe(KEY);
  });

  test.each([
    ['the holder has the new key first', [KEY, OLD], [OLD]],
    ['the standby has the new key first', [OLD], [KEY, OLD]],
    ['both have both', [KEY, OLD], [KEY, OLD]],
    ['in another order', [OLD, KEY], [KEY, OLD]],
  ])('works during a rotation: %s', (_name, holderKeys, standbyKeys) => {
    const { session, confirmation, standby } = meet(holderKeys, standbyKeys);
    expect(standby.confirm(confirmation)).toEqual(session);
  });

  test.each([
    ['another key', [OTHER]],
    ['no key', []],
    ['two other keys', [OTHER, OLD]],
  ])('refuses a standby with %s', (_name, keys) => {
    expect(reasonOf(() => meet([KEY], keys))).toEqual(refused('forged'));
  });

  test('refuses what was recorded of another connection', () => {
    const recorded = meet([KEY], [KEY]);
    expect(reasonOf(() => new HolderHandshake().accept(recorded.answer, [KEY]))).toEqual(refused('forged'));
    const standby = new StandbyHandshake();
    standby.answer(recorded.holder.greeting, [KEY]);
    expect(reasonOf(() => standby.confirm(recorded.confirmation))).toEqual(refused('forged'));
  });

  test('refuses its own proofs, sent back', () => {
    const [holder, standby] = [new HolderHandshake(), new StandbyHandshake()];
    const answer = standby.answer(holder.greeting, [KEY]);
    const proof = answer.subarray(GREETING_BYTES, GREETING_BYTES + CONFIRMATION_BYTES);
    expect(reasonOf(() => standby.confirm(proof))).toEqual(refused('forged'));
  });

  test('refuses an answer of which any bit was changed', () => {
    const [holder, standby] = [new HolderHandshake(), new StandbyHandshake()];
    const answer = standby.answer(holder.greeting, [KEY]);
    // The second proof stands for a key that the pair does not have.
    for (let bit = 0; bit < (GREETING_BYTES + CONFIRMATION_BYTES) * 8; bit += 1) {
      const changed = Buffer.from(answer);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = reasonOf(() => holder.accept(changed, [KEY])) as { reason: string };
      expect([bit, ['forged', 'version']]).toEqual([bit, expect.arrayContaining([outcome.reason])]);
    }
  });

  test('says that the other side has another version', () => {
    const [holder, standby] = [new HolderHandshake(), new StandbyHandshake()];
    const older = Buffer.from(holder.greeting);
    older[4] = 0;
    expect(reasonOf(() => standby.answer(older, [KEY]))).toEqual(refused('version'));
    const newer = Buffer.from(holder.greeting);
    newer[4] = 2;
    expect(standby.answer(newer, [KEY])).toHaveLength(ANSWER_BYTES);
    const answer = new StandbyHandshake().answer(holder.greeting, [KEY]);
    answer[4] = 2;
    expect(reasonOf(() => holder.accept(answer, [KEY]))).toEqual(refused('version'));
  });

  test.each([
    ['random bytes', randomBytes(ANSWER_BYTES)],
    ['zeros', Buffer.alloc(ANSWER_BYTES)],
  ])('takes %s for forged, on either side', (_name, bytes) => {
    expect(reasonOf(() => new HolderHandshake().accept(bytes, [KEY]))).toEqual(refused('forged'));
    const greeting = bytes.subarray(0, GREETING_BYTES);
    expect(reasonOf(() => new StandbyHandshake().answer(greeting, [KEY]))).toEqual(refused('forged'));
  });
});
