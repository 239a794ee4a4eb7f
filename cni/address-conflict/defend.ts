import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';

/**
 * DEFEND_INTERVAL of RFC 5227 in milliseconds: at most one announcement against other hosts in this time, so that two
 * hosts that both defend an address do not flood the LAN. A host that is heard again within it keeps the address.
 */
export const DEFEND_INTERVAL = 10_000;

/**
 * Milliseconds without another host until the conflict ends: frames that are heard now and then are one conflict, so
 * that the check does not flap with each of them.
 */
export const QUIET_TIME = 60_000;

/** The number of probes at its end, once a second: a silent holder still answers probes. */
const PROBES = 3;

/** What to do about a recorded conflict. */
export interface DefenceStep {
  /** Whether to announce the address against it, once. */
  readonly announces: boolean;
  /** Whether this MAC begins a conflict, which is logged; its further frames are only counted. */
  readonly isNew: boolean;
}

/**
 * Defends an address against other hosts for as long as they claim it: RFC 5227, 2.4 (c), for a host whose address is
 * well-known, and the same for IPv6, which RFC 4862 leaves open. Giving the address up, as (a) and (b) want, would let
 * two forged frames a minute take the router out of its Service. Whether the LAN believes the other host is for the
 * check of the gateway to find out.
 *
 * A host that is heard again after the announcement is a problem that is reported, until `QUIET_TIME` has passed
 * without one.
 *
 * The caller passes the time, in milliseconds of a monotonic clock.
 */
export class AddressDefence {
  private holder: { readonly mac: MacAddress; readonly at: number } | undefined;
  private announcedAt = Number.NEGATIVE_INFINITY;
  private isLasting = false;
  private probes = 0;

  public constructor(public readonly address: IpAddress) {}

  /** The conflict, once the other host has kept the address after an announcement. */
  public get problem(): string | undefined {
    if (!this.isLasting) return undefined;
    return `${this.address.text} is also claimed by another host: ${this.holder!.mac} kept it after the announcement`;
  }

  /** Records a conflict. Frames received before an announcement could be heard count as one. */
  public recordConflict(mac: MacAddress, now: number): DefenceStep {
    const before = this.holder;
    const isNew = before === undefined || before.mac !== mac || now - before.at > QUIET_TIME;
    this.isLasting ||= before !== undefined && now - before.at <= DEFEND_INTERVAL;
    this.holder = { mac, at: now };
    this.probes = 0;
    const announces = now - this.announcedAt > DEFEND_INTERVAL;
    if (announces) this.announcedAt = now;
    return { isNew, announces };
  }

  /** Whether to probe now. Called only if an answer could be heard: a link that is down does not count as silence. */
  public startDueProbe(now: number): boolean {
    if (!this.isLasting || this.probes === PROBES || now - this.holder!.at < QUIET_TIME - PROBES * 1000) return false;
    this.probes++;
    return true;
  }

  /** Whether the conflict ends now. Called after the answers to the probes have been read. */
  public regain(now: number): boolean {
    if (!this.isLasting || this.probes < PROBES || now - this.holder!.at < QUIET_TIME) return false;
    this.isLasting = false;
    this.holder = undefined;
    return true;
  }
}
