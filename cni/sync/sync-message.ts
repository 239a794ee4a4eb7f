import { MOST_MESSAGE_BYTES } from './sealed-messages';
import { SyncRefusal } from './sync-refusal';

/** What the pods of a pair say to each other: the holder all but `seen`. */
export type SyncMessage =
  /** The open connections follow, among what becomes of them meanwhile. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'changes'; readonly records: Buffer }
  /** All connections that were open at `begin` have been said. */
  | { readonly kind: 'complete' }
  /** All that the holder's kernel has said was sent. */
  | { readonly kind: 'beat' }
  /** The standby has what was sent before a beat. */
  | { readonly kind: 'seen' };

type SyncKind = SyncMessage['kind'];

const NUMBERS: Readonly<Record<SyncKind, number>> = { begin: 1, changes: 2, complete: 3, beat: 4, seen: 5 };
const KINDS = new Map(Object.entries(NUMBERS).map(([kind, number]) => [number, kind as SyncKind]));

/** Bytes of records in one message. */
export const MOST_RECORDS_BYTES = MOST_MESSAGE_BYTES - 1;

export function encodeSyncMessage(message: SyncMessage): Buffer {
  const kind = Buffer.from([NUMBERS[message.kind]]);
  return message.kind === 'changes' ? Buffer.concat([kind, message.records]) : kind;
}

/** @throws SyncRefusal */
export function readSyncMessage(bytes: Buffer): SyncMessage {
  const kind = KINDS.get(bytes[0] ?? 0);
  const records = bytes.subarray(1);
  if (kind === 'changes') return { kind, records };
  if (kind === undefined || records.length > 0) throw new SyncRefusal('malformed');
  return { kind };
}
