import type { Family } from '../../src/domain/values/ip-address';
import { type MacAddress, macToBytes } from '../../src/domain/values/mac-address';
import {
  AF_PACKET,
  attachFilter,
  bindSocket,
  closeSocket,
  MSG_DONTWAIT,
  openSocket,
  receiveBytes,
  SOCK_RAW,
  SystemCallError,
  sendBytes,
  setSocketOption,
} from '../ffi/libc';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from './ethernet';

/** The interface that frames leave and arrive by. */
export interface PacketLink {
  readonly index: number;
  readonly name: string;
  readonly mac: MacAddress;
}

const ETHER_TYPES: Readonly<Record<Family, number>> = { 4: ETH_P_ARP, 6: ETH_P_IPV6 };

const LABELS: Readonly<Record<number, string>> = {
  [ETH_P_ARP]: 'ARP',
  [ETH_P_IP]: 'IPv4',
  [ETH_P_IPV6]: 'neighbour discovery',
};

/**
 * More than any ARP packet or neighbour message; larger frames are truncated, and the decoder rejects them.
 */
const RECEIVE_BYTES = 2048;

/**
 * A socket for the frames of one neighbour protocol, ARP or neighbour discovery, on one interface in the calling
 * thread's namespace.
 *
 * Each protocol has a socket, because one for both would need ETH_P_ALL: then the kernel copies every frame that the
 * interface sends, the node's whole traffic, and the socket receives its own frames. A socket for a single EtherType
 * avoids both.
 */
export class PacketSocket implements Disposable {
  private readonly buffer = new Uint8Array(RECEIVE_BYTES);

  private constructor(
    public readonly fd: number,
    private readonly label: string,
  ) {}

  /**
   * @param groups additional multicast MACs to receive, also if IPv6 is off and the kernel has joined none
   * @param filter the frames to receive: `neighbourFilter`, `holderFilter`, `icmpErrorFilter`
   * @param etherType of the frames; default: the family's neighbour protocol
   */
  public static open(
    link: PacketLink,
    family: Family,
    groups: readonly MacAddress[],
    filter: Uint8Array,
    etherType: number = ETHER_TYPES[family],
  ): PacketSocket {
    const label = `${LABELS[etherType]} on ${link.name}`;
    // With protocol 0 no frame arrives before bind(2), when the filter is in place, so there are none to drain.
    const socket = new PacketSocket(
      labelled(label, () => openSocket(AF_PACKET, SOCK_RAW, 0)),
      label,
    );
    try {
      labelled(label, () => socket.prepare(link, etherType, groups, filter));
      return socket;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  }

  /** Takes 8 to 25 ms: the kernel waits until every processor has released the socket. */
  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }

  /** Replaces the filter. @throws SystemCallError */
  public filter(filter: Uint8Array): void {
    labelled(this.label, () => attachFilter(this.fd, filter));
  }

  /** @throws SystemCallError, such as ENETDOWN */
  public send(frame: Uint8Array): void {
    labelled(this.label, () => sendBytes(this.fd, frame));
  }

  /** A frame that has arrived, if there is one; valid until the next call. */
  public receive(): Uint8Array | undefined {
    const length = labelled(this.label, () => receiveBytes(this.fd, this.buffer, MSG_DONTWAIT));
    return length === undefined ? undefined : this.buffer.subarray(0, length);
  }

  private prepare({ index }: PacketLink, etherType: number, groups: readonly MacAddress[], filter: Uint8Array): void {
    const [SOL_PACKET, PACKET_ADD_MEMBERSHIP] = [263, 1];
    attachFilter(this.fd, filter);
    bindSocket(this.fd, linkAddress(index, etherType));
    for (const group of groups) {
      setSocketOption(this.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(index, group));
    }
  }
}

/** `struct sockaddr_ll`; the protocol is in network byte order. */
function linkAddress(index: number, protocol: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol, false);
  view.setInt32(4, index, true);
  return bytes;
}

/** `struct packet_mreq` with PACKET_MR_MULTICAST, which is 0. */
function membership(index: number, group: MacAddress): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, index, true);
  view.setUint16(6, 6, true);
  bytes.set(macToBytes(group), 8);
  return bytes;
}

/** Adds the socket's purpose to the errors of a call. */
function labelled<T>(label: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof SystemCallError ? new SystemCallError(`${label}: ${error.call}`, error.errno) : error;
  }
}
