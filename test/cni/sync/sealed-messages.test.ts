import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { MOST_MESSAGE_BYTES, Opener, Sealer } from '../../../cni/sync/sealed-messages';

const KEY = randomBytes(32);

/** The messages that come through, and why it ended. */
function opened(opener: Opener, ...parts: readonly Buffer[]): (Buffer | string)[] {
  const messages: (Buffer | string)[] = [];
  try {
    for (const part of parts) for (const message of opener.open(part)) messages.push(Buffer.from(message));
  } catch (error) {
    messages.push((error as { reason: string }).reason);
  }
  return messages;
}

function sealed(...messages: readonly Buffer[]): Buffer[] {
  const sealer = new Sealer(KEY);
  return messages.map((message) => sealer.seal(message));
}

const [ONE, TWO, THREE] = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')];

describe('sealed messages', () => {
  test('come through in whatever parts they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 }),
        (contents, lengths) => {
          const messages = contents.map((content) => Buffer.from(content));
          const bytes = Buffer.concat(sealed(...messages));
          const parts: Buffer[] = [];
          for (let at = 0, index = 0; at < bytes.length; index += 1) {
            const end = at + lengths[index % lengths.length]!;
            parts.push(bytes.subarray(at, end));
            at = end;
          }
          expect(opened(new Opener(KEY), ...parts)).toEqual(messages);
        },
      ),
    );
  });

  test('may be as long as the longest, and not longer', () => {
    const longest = Buffer.alloc(MOST_MESSAGE_BYTES, 7);
    expect(opened(new Opener(KEY), ...sealed(longest))).toEqual([longest]);
    expect(opened(new Opener(KEY), ...sealed(Buffer.alloc(MOST_MESSAGE_BYTES + 1)))).toEqual(['forged']);
    // Nothing is kept for a length that has no proof.
    expect(opened(new Opener(KEY), Buffer.from('7fffffff00000000000000000000000000000000', 'hex'))).toEqual(['forged']);
  });

  test.each<[string, (messages: readonly Buffer[]) => Buffer[], Buffer[]]>([
    ['repeated', ([one]) => [one!, one!], [ONE]],
    ['left out', ([one, , three]) => [one!, three!], [ONE]],
    ['swapped', ([one, two]) => [two!, one!], []],
    ['repeated later', ([one, two]) => [one!, two!, one!], [ONE, TWO]],
    ['inserted from another connection', ([one]) => [one!, new Sealer(randomBytes(32)).seal(TWO)], [ONE]],
    ['made without a key', ([one]) => [one!, Buffer.concat([Buffer.alloc(20), TWO])], [ONE]],
  ])('end the stream when one is %s', (_name, arrange, through) => {
    expect(opened(new Opener(KEY), ...arrange(sealed(ONE, TWO, THREE)))).toEqual([...through, 'forged']);
  });

  test('end the stream when any bit of one was changed', () => {
    const [bytes] = sealed(ONE) as [Buffer];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      // A longer length waits for what follows.
      const outcome = opened(new Opener(KEY), changed, Buffer.alloc(MOST_MESSAGE_BYTES + 100));
      expect([bit, outcome]).toEqual([bit, ['forged']]);
    }
  });

  test('random bytes open nothing', () => {
    for (let count = 0; count < 200; count += 1) {
      const outcome = opened(new Opener(KEY), randomBytes(64), randomBytes(MOST_MESSAGE_BYTES + 100));
      expect(outcome).toEqual(['forged']);
    }
  });
});
