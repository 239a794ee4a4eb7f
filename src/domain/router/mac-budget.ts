import type { RouterSpec } from './router-spec';

export interface MacBudget {
  /** The number of MAC addresses that one parent interface carries. */
  readonly addresses: number;
  /** Whether exceeding it is an error rather than a warning. */
  readonly isLimit: boolean;
}

/**
 * The MAC addresses that routers use on a parent interface. Of a router with a standby two: a node may run either pod,
 * and its switch may remember both.
 */
export function macAddressCount(routers: readonly RouterSpec[]): number {
  return routers.length + withStandby(routers);
}

/** `3 routers`, or `3 routers and 2 standbys`. */
export function macUserText(routers: readonly RouterSpec[]): string {
  const standbys = withStandby(routers);
  return `${numberOf(routers.length, 'router')}${standbys === 0 ? '' : ` and ${numberOf(standbys, 'standby')}`}`;
}

function withStandby(routers: readonly RouterSpec[]): number {
  return routers.filter(({ standbyMacAddress }) => standbyMacAddress !== undefined).length;
}

function numberOf(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
