import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Beat } from '../../../cni/standby/beat';
import { encodeBeat, MOST_BEAT_BYTES, readBeat } from '../../../cni/standby/beat-message';
import { ROLE_NAMES } from '../../../cni/standby/role';

const KEY = randomBytes(32);
const OTHER = randomBytes(32);

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const time = fc.double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const anyBeat: fc.Arbitrary<Beat> = fc.record({
  from: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,251}[a-z0-9]$/),
  session: whole,
  sentAt: time,
  echoSession: whole,
  echoSentAt: time,
  role: fc.constantFrom(...ROLE_NAMES),
  epoch: whole,
  gatewayAgo: time,
  resigns: fc.boolean(),
  asks: fc.boolean(),
});
const BEAT: Beat = {
  from: 'bank-7c9f-x2x4l',
  session: 5,
  sentAt: 1000.25,
  echoSession: 6,
  echoSentAt: 990,
  role: 'standby',
  epoch: 3,
  gatewayAgo: 12.5,
  resigns: false,
  asks: true,
};

/** A datagram with the right tag. */
function signed(text: string): Buffer {
  const tag = createHmac('sha256', KEY).update(text).digest().subarray(0, 16);
  return Buffer.concat([tag, Buffer.from(text)]);
}

describe('a beat as a datagram', () => {
  test('comes back as it was, and fits', () => {
    fc.assert(
      fc.property(anyBeat, (beat) => {
        const datagram = encodeBeat(beat, KEY);
        expect(datagram.length).toBeLessThanOrEqual(MOST_BEAT_BYTES);
        expect(readBeat(datagram, [KEY])).toEqual(beat);
      }),
    );
  });

  test('is read with each key of a rotation, and with no other', () => {
    const datagram = encodeBeat(BEAT, KEY);
    expect(readBeat(datagram, [OTHER, KEY])).toEqual(BEAT);
    expect(readBeat(datagram, [OTHER])).toBe('forged');
    expect(readBeat(datagram, [])).toBe('forged');
  });

  test('is forged when any bit of it was changed', () => {
    const datagram = encodeBeat(BEAT, KEY);
    for (let bit = 0; bit < datagram.length * 8; bit += 1) {
      const changed = Buffer.from(datagram);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, readBeat(changed, [KEY])]).toEqual([bit, 'forged']);
    }
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['only a tag', encodeBeat(BEAT, KEY).subarray(0, 16)],
    ['cut', encodeBeat(BEAT, KEY).subarray(0, -1)],
    ['too long', signed(JSON.stringify({ ...BEAT, format: 1, more: 'x'.repeat(MOST_BEAT_BYTES) }))],
    ['random bytes', randomBytes(300)],
  ])('%s is forged', (_name, datagram) => {
    expect(readBeat(datagram, [KEY])).toBe('forged');
  });

  const wire = { format: 1, ...BEAT };
  test.each<[string, string]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no format', JSON.stringify({ ...wire, format: undefined })],
    ['a role that does not exist', JSON.stringify({ ...wire, role: 'king' })],
    ['a member of Object', JSON.stringify({ ...wire, role: 'constructor' })],
    ['no name', JSON.stringify({ ...wire, from: '' })],
    ['a negative time', JSON.stringify({ ...wire, sentAt: -1 })],
    ['a time as text', JSON.stringify({ ...wire, echoSentAt: '990' })],
    ['an infinite time', JSON.stringify(wire).replace('12.5', '1e999')],
    ['a fraction of an epoch', JSON.stringify({ ...wire, epoch: 1.5 })],
    ['a flag as a number', JSON.stringify({ ...wire, resigns: 1 })],
  ])('%s, with the right tag, is malformed', (_name, text) => {
    expect(readBeat(signed(text), [KEY])).toBe('malformed');
  });

  test('of a newer format is said to be newer, whatever it holds', () => {
    expect(readBeat(signed(JSON.stringify({ format: 2 })), [KEY])).toBe('newer');
  });

  test('may have keys that a later version adds', () => {
    expect(readBeat(signed(JSON.stringify({ ...wire, connections: 3 })), [KEY])).toEqual(BEAT);
  });
});
