import type { IpAddress } from '../../src/domain/values/ip-address';
import type { PacketSockets } from '../packet/packet-sockets';
import { holderFilter } from './holder-filter';
import { type Conflict, findDuplicate, findHolder } from './probe';
import type { ProbeTiming } from './probe-rounds';

/** Who else holds a reserved address, and where that was seen. */
export interface Holder extends Conflict {
  readonly seenFrom: string;
}

/** Where the LAN was asked from. */
interface Place {
  readonly sockets: PacketSockets;
  readonly name: string;
}

/**
 * Addresses that somebody is about to use. Its sockets stay open, and listen, from the question to the first announcement:
 * another who starts at the same time, and is done first, was silent when it was asked.
 */
export class AddressClaim implements Disposable {
  private places: readonly Place[] = [];

  public constructor(private readonly addresses: readonly IpAddress[]) {}

  /** Closes the sockets, and forgets what they heard. */
  public [Symbol.dispose](): void {
    for (const { sockets } of this.places) sockets[Symbol.dispose]();
    this.places = [];
  }

  /** The sockets of the interface that was asked from last; none when nobody was asked. */
  public get sockets(): PacketSockets | undefined {
    return this.places.at(-1)?.sockets;
  }

  /**
   * Asks from one more interface who has the addresses.
   *
   * @param sockets of that interface, which are the claim's from now on
   * @throws SystemCallError
   */
  public ask(sockets: PacketSockets, name: string, timing?: ProbeTiming): Holder | undefined {
    this.places = [...this.places, { sockets, name }];
    const found = findDuplicate(sockets, this.addresses, timing);
    // They are not read for a while: what else a busy LAN says would fill them.
    if (found === undefined) sockets.filter(this.addresses, holderFilter);
    return found && { ...found, seenFrom: name };
  }

  /**
   * Who was heard with an address since it was asked for. It does not wait.
   *
   * The moment for this is when the kernel answers for the addresses, and before they are announced. Of two that come so far
   * at once, one hears the other's announcement here, unless both look within the time that a frame takes. Behind our own
   * announcement we would hear that as well, where a switch or a bond sends it back: nothing tells it from another router of the
   * same derived MAC.
   *
   * @throws SystemCallError
   */
  public heard(): Holder | undefined {
    for (const { sockets, name } of this.places) {
      const found = findHolder(sockets, this.addresses);
      if (found !== undefined) return { ...found, seenFrom: name };
    }
    return undefined;
  }
}
