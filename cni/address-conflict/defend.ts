import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';

/** DEFEND_INTERVAL of RFC 5227 in milliseconds: a host that is heard twice within it keeps the address. */
export const DEFEND_INTERVAL = 10_000;

/**
 * Milliseconds without another host until the conflict ends: frames that are heard now and then are one conflict, so
 * that the router's readiness does not flap with each of them.
 */
export const QUIET_TIME = 60_000;

/** The number of probes at its end, once a second: a silent holder still answers probes. */
const PROBES = 3;

/**
 * Defends an address against another host: RFC 5227, 2.4 (b), and the same for IPv6, which RFC 4862 leaves open. The
 * first conflict is answered by an announcement, which may end a mistake. A second one within `DEFEND_INTERVAL` means
 * two holders, and the LAN's caches lead to either of them: the address is in conflict until `QUIET_TIME` has passed
 * without one.
 *
 * The caller passes the time, in milliseconds of a monotonic clock.
 */
export class AddressDefence {
  private holder: { readonly mac: MacAddress; readonly at: number } | undefined;
  private isLost = false;
  private probes = 0;

  public constructor(public readonly address: IpAddress) {}

  /** Whether there are two holders. Announcements would only make the LAN's caches flap. */
  public get isDisputed(): boolean {
    return this.isLost;
  }

  /** The reason why the router is not ready, if it is this conflict. */
  public get problem(): string | undefined {
    if (!this.isLost) return undefined;
    return `${this.address.text} is also held by another host: ${this.holder!.mac} kept it after the announcement`;
  }

  /**
   * Records a conflict. Frames received before an announcement could be heard count as one.
   *
   * @returns whether to announce the address against it, once
   */
  public recordConflict(mac: MacAddress, now: number): boolean {
    this.isLost ||= this.holder !== undefined && now - this.holder.at <= DEFEND_INTERVAL;
    this.holder = { mac, at: now };
    this.probes = 0;
    return !this.isLost;
  }

  /** Whether to probe now. Called only if an answer could be heard: a link that is down does not count as silence. */
  public startDueProbe(now: number): boolean {
    if (!this.isLost || this.probes === PROBES || now - this.holder!.at < QUIET_TIME - PROBES * 1000) return false;
    this.probes++;
    return true;
  }

  /** Whether the conflict ends now. Called after the answers to the probes have been read. */
  public regain(now: number): boolean {
    if (!this.isLost || this.probes < PROBES || now - this.holder!.at < QUIET_TIME) return false;
    this.isLost = false;
    this.holder = undefined;
    return true;
  }
}
