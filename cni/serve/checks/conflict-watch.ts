import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { announce } from '../../address-conflict/announce';
import { type ConflictFrame, readConflictFrame } from '../../address-conflict/conflict-frame';
import { AddressDefence } from '../../address-conflict/defend';
import { holderFilter } from '../../address-conflict/holder-filter';
import { sendProbe } from '../../address-conflict/probe';
import { announcementPhase, RepeatedAnnouncement } from '../../address-conflict/repeated-announcement';
import { ENETDOWN, ENOBUFS, ENODEV, ENXIO } from '../../ffi/errno';
import { SystemCallError } from '../../ffi/libc';
import { listAddresses } from '../../netlink/route/address';
import { findLink, type Link } from '../../netlink/route/link';
import type { NetlinkSocket } from '../../netlink/socket';
import { PacketSockets } from '../../packet/packet-sockets';
import { requireCapability } from '../capability';
import { type CheckResult, checkResult } from '../check-result';
import type { ServeEvents } from '../serve-events';
import type { ServeLog } from '../serve-log';
import type { ServePart } from '../serve-part';

export interface ConflictWatchOptions {
  /** A socket of the pod's namespace. */
  readonly route: NetlinkSocket;
  /** Such as `net1`. */
  readonly interfaceName: string;
  readonly addresses: readonly IpAddress[];
  readonly log: ServeLog;
  readonly events: Pick<ServeEvents, 'conflict'>;
}

/**
 * The most frames read from a socket in one check: more than its queue, but bounded, so that a flood does not block
 * other checks.
 */
const FRAMES_AT_ONCE = 1024;

/** Milliseconds within which the answer to a probe is read: the next check, also if it is late. */
const ANSWER_MILLISECONDS = 2000;

/** The interface is or was down or gone: the check of the link reports it, and announcements are repeated. */
const NOT_NOW: readonly number[] = [ENETDOWN, ENODEV, ENXIO, ENOBUFS];

/**
 * Listens for other holders of the reserved addresses, and announces the addresses again when the link comes back: the
 * kernel does so when an interface is set up, but not when its carrier returns. Frames wait in the sockets for the next
 * check, behind a kernel filter, and do not wake the process.
 *
 * The addresses are defended for as long as another host claims them, and the router stays ready. A frame to net1 alone
 * does not claim it on the LAN: no other host hears it. Only the answer to a probe does.
 *
 * Two kinds of holders are not heard. One with the same MAC, such as another router of the address with a derived MAC:
 * a macvlan interface drops frames from its own MAC as its echo. ADD finds it, because it probes from the parent
 * interface. And one that never broadcasts: it is probed when the link comes back, and before a conflict ends.
 *
 * @see RFC 5227, 2.4
 */
export class ConflictWatch implements ServePart {
  public readonly checks = ['conflict'] as const;
  private readonly defences: readonly AddressDefence[];
  private readonly announcement = new RepeatedAnnouncement();
  private readonly phase: number;
  private sockets: PacketSockets | undefined;
  private link: Link | undefined;
  /** Whether the link was down since the last check: if it is up again, only its sockets show that. */
  private wasDown = false;
  /** Until when an answer to a probe may arrive. */
  private answersUntil = Number.NEGATIVE_INFINITY;

  /** @throws ServeError without the capability NET_RAW */
  public constructor(private readonly options: ConflictWatchOptions) {
    requireCapability('NET_RAW', 'watch-conflicts');
    this.defences = options.addresses.map((address) => new AddressDefence(address));
    this.phase = announcementPhase(options.addresses[0]!);
    this.refreshLink();
  }

  public [Symbol.dispose](): void {
    this.sockets?.[Symbol.dispose]();
  }

  public check(now: number): readonly CheckResult[] {
    if (this.refreshLink()) this.beginAnnouncing(now, `${this.link!.name} came back`, this.phase);
    this.readConflicts(now);
    for (const { address } of this.defences.filter((defence) => defence.regain(now))) {
      this.beginAnnouncing(now, `${address.text} has no other holder now`);
    }
    if (isUsable(this.link)) this.sendWhatIsDue(now);
    const problems = this.defences.flatMap(({ problem }) => problem ?? []);
    return [checkResult('conflict', problems)];
  }

  /** Reads the link, and opens sockets on it if needed. @returns whether it came back since the last check */
  private refreshLink(): boolean {
    const before = this.link;
    this.link = findLink(this.options.route, this.options.interfaceName);
    const hasChanged = this.link?.index !== before?.index || this.link?.mac !== before?.mac;
    if (hasChanged) this.openSockets();
    if (!isUsable(this.link)) return false;
    const isUpAgain = this.wasDown || hasChanged || !isUsable(before) || this.link.carrierUps !== before.carrierUps;
    this.wasDown = false;
    return isUpAgain;
  }

  /** Sockets on the link, if it exists. */
  private openSockets(): void {
    this[Symbol.dispose]();
    this.sockets = undefined;
    const { link } = this;
    if (link === undefined) return;
    this.unlessDown(() => {
      this.sockets = PacketSockets.open(link, this.options.addresses, holderFilter);
    });
    // Gone since the last check.
    if (this.sockets === undefined) this.link = undefined;
  }

  private readConflicts(now: number): void {
    const holders = new Map<string, MacAddress>();
    for (const socket of this.sockets?.all ?? []) {
      this.unlessDown(() => {
        for (let count = 0; count < FRAMES_AT_ONCE; count++) {
          const frame = socket.receive();
          if (frame === undefined) return;
          const claim = this.claimIn(frame, now);
          if (claim !== undefined) holders.set(claim.address.text, claim.mac);
        }
      });
    }
    for (const defence of this.defences) {
      const mac = holders.get(defence.address.text);
      if (mac !== undefined) this.defend(defence, mac, now);
    }
  }

  /** The claim of another host in a frame, if the LAN hears it, too, or it answers a probe. */
  private claimIn(frame: Uint8Array, now: number): ConflictFrame | undefined {
    const conflict = readConflictFrame(frame, this.sockets!.link.mac, this.options.addresses);
    if (conflict?.kind !== 'held') return undefined;
    return conflict.isUnicast && now > this.answersUntil ? undefined : conflict;
  }

  private defend(defence: AddressDefence, mac: MacAddress, now: number): void {
    this.options.events.conflict();
    const { isNew, announces } = defence.recordConflict(mac, now);
    const [own] = announces ? this.onLink([defence]) : [];
    if (own === undefined) return;
    const address = own.text;
    if (isNew) this.options.log.warn(`another host uses ${address}: defending it against ${mac}`, { address, mac });
    this.unlessDown(() => announce(this.sockets!, [own], 1, 0));
  }

  /** @param phase for what happens to all routers of a node at once */
  private beginAnnouncing(now: number, reason: string, phase = 0): void {
    this.announcement.begin(now, phase);
    this.options.log.info(`${reason}: announcing the addresses again`);
  }

  /**
   * Sends what is due. An address is probed together with its announcement: a new holder may be silent.
   */
  private sendWhatIsDue(now: number): void {
    const isDue = this.announcement.isDue(now);
    const own = isDue ? this.onLink(this.defences) : [];
    const asked = this.defences.filter((defence) => defence.startDueProbe(now)).map(({ address }) => address);
    if (own.length + asked.length > 0) this.answersUntil = now + ANSWER_MILLISECONDS;
    this.unlessDown(() => {
      for (const address of [...own, ...asked]) sendProbe(this.sockets!, address);
      announce(this.sockets!, own, 1, 0);
    });
  }

  /** The addresses of the link: one that it lost, such as an IPv6 address while it was down, must not be announced. */
  private onLink(defences: readonly AddressDefence[]): IpAddress[] {
    const index = this.link?.index;
    const found = listAddresses(this.options.route).filter(({ interfaceIndex }) => interfaceIndex === index);
    const texts = new Set(found.map(({ cidr }) => cidr.address.text));
    return defences.map(({ address }) => address).filter(({ text }) => texts.has(text));
  }

  private unlessDown(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof SystemCallError) || !NOT_NOW.includes(error.errno)) throw error;
      this.wasDown ||= error.errno === ENETDOWN;
    }
  }
}

function isUsable(link: Link | undefined): link is Link {
  return link?.isUp === true && link.hasCarrier;
}
