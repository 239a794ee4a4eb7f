import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { announce } from '../../address-conflict/announce';
import { holderFilter } from '../../address-conflict/holder-filter';
import { sendProbe } from '../../address-conflict/probe';
import { RepeatedAnnouncement } from '../../address-conflict/repeated-announcement';
import { ENETDOWN, ENOBUFS } from '../../ffi/errno';
import { SystemCallError } from '../../ffi/libc';
import { arpProbe, arpRequest } from '../../packet/arp';
import { linkLocalOf, neighbourSolicitation } from '../../packet/neighbour-discovery';
import type { PacketLink } from '../../packet/packet-socket';
import { type FrameSender, PacketSockets } from '../../packet/packet-sockets';
import type { LanState } from '../../standby/role';
import { type LanFrame, type LanSubjects, readLanFrame } from './lan-frame';

/** What the pod is on the LAN. */
export interface PairLanOptions extends LanSubjects {
  /** Of the holder. */
  readonly mac: MacAddress;
}

/** The most frames read from a socket in one look: a flood must not keep the pod from looking at its clocks. */
const FRAMES_AT_ONCE = 256;

/** Milliseconds after which a gateway that did not answer is asked by broadcast again. */
const UNICAST_MS = 300;

/** Announcements at a takeover, back to back: a busy switch may drop one. */
const ANNOUNCEMENTS = 2;

const FAMILIES: readonly Family[] = [4, 6];

/**
 * The pod of a pair on the LAN: asks the holder and the gateways, and hears what they and the other pod say. A question
 * goes to the one host that has the address, if that is known, so that ten a second disturb no other.
 */
export class PairLan implements Disposable {
  private readonly sockets: PacketSockets;
  private readonly gateways = new Map<string, { readonly mac: MacAddress; readonly at: number }>();
  private readonly announcement = new RepeatedAnnouncement();
  private own: PacketLink;

  /** @throws SystemCallError */
  public constructor(
    link: PacketLink,
    private readonly options: PairLanOptions,
  ) {
    const { addresses, gateways, standbyMac } = options;
    this.own = link;
    this.sockets = PacketSockets.open(link, [...addresses, ...gateways], (all) => holderFilter(all, standbyMac));
  }

  public [Symbol.dispose](): void {
    this.sockets[Symbol.dispose]();
  }

  /** The link has this MAC address now. */
  public use(mac: MacAddress): void {
    this.own = { ...this.own, mac };
  }

  /** What arrived since the last look. */
  public *read(now: number): Generator<LanFrame> {
    for (const socket of this.sockets.all) {
      for (let count = 0; count < FRAMES_AT_ONCE; count++) {
        const bytes = unlessDown(() => socket.receive());
        if (bytes === undefined) break;
        const frame = readLanFrame(bytes, this.own.mac, this.options);
        if (frame?.kind === 'gateway-answered') this.gateways.set(frame.gateway.text, { mac: frame.mac, at: now });
        if (frame !== undefined) yield frame;
      }
    }
  }

  /** Asks the gateways, and a pod without the address the holder. */
  public ask(state: LanState, now: number): void {
    if (state === 'down') return;
    for (const gateway of this.options.gateways) this.askGateway(gateway, state, now);
    if (state === 'held') return;
    for (const family of FAMILIES) {
      const address = this.addressOf(family);
      if (address !== undefined) this.askHost(address, undefined, this.options.mac);
    }
  }

  /** Asks the whole LAN for every address, and the gateways. */
  public probe(state: LanState, now: number): void {
    const sockets = this.sender();
    for (const address of this.options.addresses) unlessDown(() => sendProbe(sockets, address));
    for (const gateway of this.options.gateways) this.askGateway(gateway, state, now);
  }

  /** Announces the addresses now, and some times more in the next seconds. */
  public announce(now: number): void {
    this.announcement.begin(now);
    this.announceIfDue(now, ANNOUNCEMENTS);
  }

  /** Announces again what was announced, when it is time. */
  public announceIfDue(now: number, count = 1): void {
    if (!this.announcement.isDue(now)) return;
    unlessDown(() => announce(this.sender(), this.options.addresses, count, 0));
  }

  /** Whether the gateway has answered since then. */
  public hears(gateway: IpAddress, since: number): boolean {
    return (this.gateways.get(gateway.text)?.at ?? Number.NEGATIVE_INFINITY) >= since;
  }

  private askGateway(gateway: IpAddress, state: LanState, now: number): void {
    const known = this.gateways.get(gateway.text);
    const receiver = known !== undefined && now - known.at < UNICAST_MS ? known.mac : undefined;
    this.askHost(gateway, state === 'held' ? this.addressOf(gateway.family) : undefined, receiver);
  }

  /** @param source of the question; absent: none, so that no cache learns this pod's MAC address for it */
  private askHost(target: IpAddress, source: IpAddress | undefined, receiver: MacAddress | undefined): void {
    const { mac } = this.own;
    const { family } = target;
    const frame =
      family === 6
        ? neighbourSolicitation(mac, source ?? linkLocalOf(mac), target, receiver)
        : source === undefined
          ? arpProbe(mac, target, receiver)
          : arpRequest({ mac, address: source }, target, receiver);
    unlessDown(() => this.sockets.send(family, frame));
  }

  private addressOf(family: Family): IpAddress | undefined {
    return this.options.addresses.find((address) => address.family === family);
  }

  /** The sockets, with the MAC address that the link has now. */
  private sender(): FrameSender {
    const { own: link, sockets } = this;
    return { link, send: (family, frame) => sockets.send(family, frame) };
  }
}

/** A link that is or was down tells its sockets once. */
function unlessDown<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SystemCallError) || ![ENETDOWN, ENOBUFS].includes(error.errno)) throw error;
    return undefined;
  }
}
