import { REFUSAL_REASONS, type RefusalReason } from './sync-refusal';

/** What the sync of a process has counted since it began. */
export class SyncCounters {
  /** Connections that a takeover gave to the kernel. */
  public injected = 0;
  /** Those that were known to the standby, and that it could not give to the kernel at a takeover. */
  public lost = 0;
  /** Lists that began because the kernel had lost events. */
  public resynchronizations = 0;
  /** Connections of the pair's port that were ended, by reason. */
  public readonly refused: Record<RefusalReason, number>;

  public constructor() {
    this.refused = Object.fromEntries(REFUSAL_REASONS.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
  }
}
