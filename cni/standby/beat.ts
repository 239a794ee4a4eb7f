import type { RoleName } from './role';

/** What a pod of a pair says to another. All times are milliseconds. */
export interface Beat {
  /** The pod that says it. */
  readonly from: string;
  /** Drawn when its process starts. */
  readonly session: number;
  /** Of the sender's monotonic clock. Also the order of the beats of a session. */
  readonly sentAt: number;
  /** Of the last beat that the sender heard from the receiver; 0: of none. */
  readonly echoSession: number;
  readonly echoSentAt: number;
  readonly role: RoleName;
  /** The highest epoch that the sender knows. */
  readonly epoch: number;
  /** Since the sender's gateway answered. */
  readonly gatewayAgo: number;
  /** The holder leaves the address to the receiver: its link is down. */
  readonly resigns: boolean;
  /** The receiver answers at once. */
  readonly asks: boolean;
}
