import { parseIpAddress } from '../../../src/domain/values/ip-address';
import type { PairState } from '../../standby/pair-state';
import type { Role } from '../../standby/role';
import type { ConnectionSync, SyncFigures } from '../../sync/connection-sync';
import { type CheckResult, checkResult } from '../check-result';
import type { ServePart } from '../serve-part';

/** Milliseconds in which a standby gets to know the holder's connections; after that their lack is only a warning. */
const KNOWN_MS = 30_000;
/** Milliseconds without a word of the holder after which connections may have begun that the standby does not know. */
const LATE_MS = 1000;

/**
 * The open connections of a pair: which way they go, by the role of the pod. A standby is ready when it knows them, so
 * that a rollout waits for that; a pod whose holder does not send them is ready half a minute later, with a warning.
 */
export class PairConnections implements ServePart {
  public readonly checks = ['sync'] as const;

  /** @param role of the pod now */
  public constructor(
    private readonly sync: ConnectionSync,
    private readonly role: () => Role,
  ) {}

  public get figures(): SyncFigures {
    return this.sync.figures();
  }

  /** @param holder where the pod with the address is on the cluster network */
  public direct({ role }: PairState, holder: string | undefined): void {
    if (role.name === 'holder') this.sync.serve();
    if (role.name !== 'standby' || holder === undefined) return;
    const address = parseIpAddress(holder);
    if (typeof address !== 'string') this.sync.follow(address);
  }

  /** Before the address is taken. */
  public hold(): void {
    this.sync.hold();
  }

  /** When it was taken. @returns when the kernel has the connections */
  public async take(): Promise<void> {
    await this.sync.take();
  }

  public check(now: number): readonly CheckResult[] {
    const role = this.role();
    const { lag, overflow } = this.figures;
    if (role.name !== 'standby') return [checkResult('sync', [])];
    const problems = [
      ...(lag === undefined ? ['the open connections of the holder are not known: a takeover would end them'] : []),
      ...(lag !== undefined && lag > LATE_MS ? [`the holder has not said for ${seconds(lag)} what it has open`] : []),
      ...(overflow > 0 ? [`${overflow} connections of the holder had no room, and would end at a takeover`] : []),
    ];
    return [checkResult('sync', problems, lag !== undefined || now - role.since > KNOWN_MS)];
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
