import type { MacAddress } from '../../../src/domain/values/mac-address';
import { EINVAL, ENOENT, EOPNOTSUPP } from '../../ffi/errno';
import { hasErrno } from '../../netlink/netlink-error';
import {
  changeFence,
  changeWatched,
  createFence,
  epochOf,
  type Fence,
  getAlive,
  getFence,
} from '../../netlink/nftables/fence-table';
import { decodeTableHeader } from '../../netlink/nftables/table-header';
import type { NetlinkSocket } from '../../netlink/socket';
import { ServeError } from '../serve-error';

/** What an earlier process left. */
export interface FoundFence {
  /** In which the address was taken; 0: never. */
  readonly epoch: number;
  /** Whether the kernel mutes the address, or nothing says that it may be used. */
  readonly isLatched: boolean;
}

/** The most hosts that are watched: the standby, and MAC addresses from which gateways answered last. */
const MOST_WATCHED = 8;

/**
 * The kernel's guard of the address: mutes it when neither the standby nor a gateway was heard for a time, also while
 * this process stands still or is gone.
 */
export class AddressFence {
  /** Gateways, the last heard first. */
  private gateways: readonly MacAddress[] = [];
  private present: Fence | undefined;

  /**
   * @param link such as `net1`
   * @param mac of the holder
   */
  public constructor(
    private readonly netfilter: NetlinkSocket,
    private readonly link: string,
    private readonly mac: MacAddress,
    private readonly standbyMac: MacAddress,
  ) {}

  /** Milliseconds after which it mutes; nothing before `raise`. */
  public get milliseconds(): number | undefined {
    return this.present?.milliseconds;
  }

  /** What the kernel has. @throws NetlinkError */
  public read(): FoundFence {
    const table = this.table();
    return { epoch: epochOf(table), isLatched: table === undefined || this.isLatched() };
  }

  /** Makes it anew, before the address is used. @throws ServeError on a kernel without it */
  public raise(epoch: number, milliseconds: number): void {
    const fence = { ...this.constants(), epoch, milliseconds };
    const exists = this.table() !== undefined;
    try {
      this.netfilter.transaction(createFence(fence, exists), 'raise the fence of the address');
    } catch (error) {
      if (!hasErrno(error, EOPNOTSUPP, EINVAL, ENOENT)) throw error;
      throw new ServeError(
        `a router with a standby needs the egress hook of nf_tables (Linux 5.16, CONFIG_NETFILTER_EGRESS), which this kernel lacks: ${(error as Error).message}`,
      );
    }
    this.present = fence;
  }

  /** Whether the time is over: the address is mute until `change` or `raise`. @throws NetlinkError */
  public isLatched(): boolean {
    try {
      this.netfilter.get(getAlive(this.link));
      return false;
    } catch (error) {
      if (!hasErrno(error, ENOENT)) throw error;
      return true;
    }
  }

  /** Another time, which begins now; 0 mutes at once. @throws NetlinkError */
  public change(milliseconds: number): void {
    const fence = { ...this.constants(), epoch: this.present?.epoch ?? this.read().epoch, milliseconds };
    this.netfilter.transaction(changeFence(fence), 'change the fence of the address');
    this.present = fence;
  }

  /** Notes the MAC address from which a gateway answered. @throws NetlinkError */
  public heardGateway(mac: MacAddress): void {
    if (this.gateways.includes(mac)) return;
    this.gateways = [mac, ...this.gateways].slice(0, MOST_WATCHED - 1);
    if (this.present === undefined) return;
    this.netfilter.transaction(changeWatched(this.constants()), 'watch a gateway');
  }

  private constants(): Pick<Fence, 'link' | 'mac' | 'watched'> {
    return { link: this.link, mac: this.mac, watched: [this.standbyMac, ...this.gateways] };
  }

  /** The comment of the table; nothing without one. */
  private table(): string | undefined {
    try {
      return decodeTableHeader(this.netfilter.get(getFence())).comment ?? '';
    } catch (error) {
      if (hasErrno(error, ENOENT, EINVAL)) return undefined;
      throw error;
    }
  }
}
