import { createHmac, timingSafeEqual } from 'node:crypto';
import { Field } from '../../src/domain/input/decoder';
import type { Issue } from '../../src/domain/input/issue';
import type { Beat } from './beat';
import { ROLE_NAMES, type RoleName } from './role';

/**
 * A beat as a datagram: HMAC-SHA256 of the rest in its first bytes, then the beat as JSON. A tag of 128 bits cannot be
 * guessed, and the key never leaves the pair.
 */
const TAG_BYTES = 16;

/** Bytes of the longest datagram: a pod's name has up to 253. */
export const MOST_BEAT_BYTES = 1024;

/** Of the meaning of the keys. A pod that gets a newer one has an older version than its peer. */
const FORMAT = 1;

/** Why a datagram is not a beat. `serve` counts them. */
export type BeatRefusal =
  /** No key of the pair made its tag. */
  | 'forged'
  /** The peer has a newer version. */
  | 'newer'
  /** The key is right, and the words are not. */
  | 'malformed';

export function encodeBeat(beat: Beat, key: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify({ format: FORMAT, ...beat }));
  return Buffer.concat([tagOf(text, key), text]);
}

/** @param keys of the pair: during a rotation the old one, too */
export function readBeat(datagram: Uint8Array, keys: readonly Uint8Array[]): Beat | BeatRefusal {
  if (datagram.length <= TAG_BYTES || datagram.length > MOST_BEAT_BYTES) return 'forged';
  const [tag, text] = [datagram.subarray(0, TAG_BYTES), datagram.subarray(TAG_BYTES)];
  if (!keys.some((key) => timingSafeEqual(tagOf(text, key), tag))) return 'forged';
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text).toString('utf8'));
  } catch {
    return 'malformed';
  }
  return decode(value);
}

function tagOf(text: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(text).digest().subarray(0, TAG_BYTES);
}

/** Unknown keys are those of a newer version that an older one may ignore. */
function decode(value: unknown): Beat | BeatRefusal {
  const issues: Issue[] = [];
  const root = Field.root(value, issues, 'beat');
  const format = root.member('format').integer(1, MOST, 'format');
  if (format !== undefined && format > FORMAT) return 'newer';
  const whole = (name: string) => root.member(name).integer(0, MOST, name) ?? 0;
  const time = (name: string) => timeOf(root.member(name));
  const beat: Beat = {
    from: root.member('from').text("a pod's name") ?? '',
    session: whole('session'),
    sentAt: time('sentAt'),
    echoSession: whole('echoSession'),
    echoSentAt: time('echoSentAt'),
    role: roleOf(root.member('role')),
    epoch: whole('epoch'),
    gatewayAgo: time('gatewayAgo'),
    resigns: root.member('resigns').flag() ?? false,
    asks: root.member('asks').flag() ?? false,
  };
  return issues.length === 0 ? beat : 'malformed';
}

const MOST = Number.MAX_SAFE_INTEGER;

/** Milliseconds of a monotonic clock, which counts fractions of them. */
function timeOf(field: Field): number {
  const { value } = field;
  if (typeof value === 'number' && value >= 0 && value <= MOST) return value;
  field.refuse('is not a time', 'milliseconds');
  return 0;
}

function roleOf(field: Field): RoleName {
  const role = ROLE_NAMES.find((name) => name === field.value);
  if (role === undefined) field.refuse('is not a role', ROLE_NAMES.join(', '));
  return role ?? 'waiting';
}
