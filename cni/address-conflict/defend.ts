import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';

/** DEFEND_INTERVAL of RFC 5227, milliseconds: whoever is heard twice within it does not mean to go. */
export const DEFEND_INTERVAL = 10_000;

/**
 * How long nobody else may have been heard before the address is ours again, milliseconds: a dispute that is heard now and
 * then is one dispute, and not a router that comes and goes with each of its frames.
 */
export const QUIET_TIME = 60_000;

/** At its end the LAN is asked so often, once a second: a holder may say nothing, but it answers. */
const PROBES = 3;

/**
 * What to do about another host that is heard with an address of ours: RFC 5227, 2.4 (b), and the same for IPv6, whose
 * RFC 4862 leaves it open. Once is answered by an announcement, for it may be a mistake that ends with that. Twice within
 * `DEFEND_INTERVAL` means two holders, and the LAN's caches lead to one or the other by chance: the address is disputed
 * until `QUIET_TIME` has passed in silence.
 *
 * Time is given to it, milliseconds of a clock that nobody sets.
 */
export class AddressDefence {
  private holder: { readonly mac: MacAddress; readonly at: number } | undefined;
  private isLost = false;
  private probes = 0;

  public constructor(public readonly address: IpAddress) {}

  /** Whether there are two holders. An announcement would only move the LAN's caches to and fro. */
  public get isDisputed(): boolean {
    return this.isLost;
  }

  /** Why the router is not ready, if it is for this. */
  public get problem(): string | undefined {
    if (!this.isLost) return undefined;
    return `${this.address.text} is also held by another host: ${this.holder!.mac} kept it after the announcement`;
  }

  /**
   * Somebody else was heard with the address. What came in before an announcement could be heard is one time.
   *
   * @returns whether to announce the address against it, once
   */
  public recordConflict(mac: MacAddress, now: number): boolean {
    this.isLost ||= this.holder !== undefined && now - this.holder.at <= DEFEND_INTERVAL;
    this.holder = { mac, at: now };
    this.probes = 0;
    return !this.isLost;
  }

  /** Whether to ask now who has the address. Called only where an answer could be heard: a link that is down is no silence. */
  public startDueProbe(now: number): boolean {
    if (!this.isLost || this.probes === PROBES || now - this.holder!.at < QUIET_TIME - PROBES * 1000) return false;
    this.probes++;
    return true;
  }

  /** Whether the quiet time ends now, and the address is ours again. Called after what was answered has been heard. */
  public regain(now: number): boolean {
    if (!this.isLost || this.probes < PROBES || now - this.holder!.at < QUIET_TIME) return false;
    this.isLost = false;
    this.holder = undefined;
    return true;
  }
}
