/** Why a pod of a pair ends a connection with what claims to be the other one. */
export type RefusalReason =
  /** No key of the pair made a proof or a tag, or a message came twice or out of order. */
  | 'forged'
  /** The other side speaks a format that this one does not know. */
  | 'version'
  /** The key is right, and the bytes are not. */
  | 'malformed'
  /** It reads too slowly, or has not answered in time. */
  | 'slow'
  /** More connections than a pair has. */
  | 'excess';

export const REFUSAL_REASONS: readonly RefusalReason[] = ['forged', 'version', 'malformed', 'slow', 'excess'];

const SENTENCES: Readonly<Record<RefusalReason, string>> = {
  forged: 'the other side does not have a key of this pair',
  version: 'the other side speaks another version of the protocol',
  malformed: 'the other side sent what this version does not understand',
  slow: 'the other side did not answer in time',
  excess: 'there are more connections than a pair has',
};

export class SyncRefusal extends Error {
  public constructor(public readonly reason: RefusalReason) {
    super(SENTENCES[reason]);
    this.name = 'SyncRefusal';
  }
}
