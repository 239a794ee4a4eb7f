import type { Neighbour } from '../../../src/config/serve-config';
import { SystemCallError } from '../../ffi/libc';
import { EAGAIN, ENOBUFS, errnoName } from '../../netlink/errno';
import { findLink } from '../../netlink/route/link';
import { type NeighbourState, neighbourState } from '../../netlink/route/neighbour';
import type { NetlinkSocket } from '../../netlink/socket';
import { DatagramSocket } from '../../packet/datagram-socket';
import type { CheckResult } from '../check-result';
import type { ServePart } from '../serve-part';

/** "discard": whoever listens there says nothing. */
const PORT = 9;

/** It has answered the last time it was asked. One in `probe` is being asked, and one that is `permanent` is never. */
const ANSWERS: readonly (NeighbourState | undefined)[] = ['reachable', 'stale', 'delay', 'probe', 'permanent'];

/** There was no room for the datagram; the next one will do. */
const NOT_NOW: readonly number[] = [EAGAIN, ENOBUFS];

/**
 * Whether the gateways answer on the router's interface. An unprivileged process can neither send ARP nor neighbour solicitations; but a
 * datagram makes the kernel do so, if it has not heard of the gateway for half a second (a setting of ADD). One that answers
 * those and nothing else counts as answering.
 */
export class GatewayCheck implements ServePart {
  private readonly questions: readonly Question[];

  /** @param route a socket of the pod's namespace */
  public constructor(
    private readonly route: NetlinkSocket,
    private readonly interfaceName: string,
    neighbours: readonly Neighbour[],
  ) {
    this.questions = neighbours.map((neighbour) => new Question(neighbour));
  }

  public [Symbol.dispose](): void {
    for (const question of this.questions) question[Symbol.dispose]();
  }

  public ask(): void {
    const link = findLink(this.route, this.interfaceName);
    if (link !== undefined) for (const question of this.questions) question.ask(link.index);
  }

  public check(): readonly CheckResult[] {
    const link = findLink(this.route, this.interfaceName);
    const problems = this.questions.flatMap(
      (question) => question.problem(link && neighbourState(this.route, question.address, link.index)) ?? [],
    );
    return [problems.length === 0 ? { name: 'gateway' } : { name: 'gateway', problem: problems.join('; ') }];
  }
}

/** One host that is asked again and again. */
class Question implements Disposable {
  private socket: DatagramSocket | undefined;
  /** Why the last datagram was not sent. */
  private obstacle: string | undefined;

  public constructor(private readonly neighbour: Neighbour) {}

  public [Symbol.dispose](): void {
    this.socket?.[Symbol.dispose]();
  }

  public get address() {
    return this.neighbour.address;
  }

  public ask(interfaceIndex: number): void {
    this.obstacle = undefined;
    try {
      // One socket for good: each would be a connection of its own to conntrack.
      this.socket ??= DatagramSocket.open(this.neighbour.source);
      this.socket.send(this.address, PORT, interfaceIndex);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (!NOT_NOW.includes(error.errno)) this.obstacle = `${error.call}: ${errnoName(error.errno)}`;
    }
  }

  /** What is wrong, if anything. @param state what the kernel knows of the host */
  public problem(state: NeighbourState | undefined): string | undefined {
    const { address, source, isGateway } = this.neighbour;
    const host = `${isGateway ? 'gateway' : 'destination'} ${address.text}`;
    if (this.obstacle !== undefined) return `${host} cannot be asked from ${source.text} (${this.obstacle})`;
    if (ANSWERS.includes(state)) return undefined;
    return `${host} does not answer ${address.family === 4 ? 'ARP' : 'neighbour solicitations'}`;
  }
}
