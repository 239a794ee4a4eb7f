import { EAGAIN, ENOPROTOOPT } from '../ffi/errno';
import {
  AF_NETLINK,
  bindSocket,
  closeSocket,
  MSG_DONTWAIT,
  openSocket,
  receiveBytes,
  SOCK_RAW,
  SOL_SOCKET,
  SystemCallError,
  sendBytes,
  setSocketOption,
} from '../ffi/libc';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import {
  encodeMessage,
  type Message,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  type Request,
  readMessages,
  writeMessage,
} from './message';
import { NetlinkError, type Operation } from './netlink-error';
import { refusal } from './refusal';

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;

/** An interrupted dump is repeated, up to this many times. */
const DUMP_ATTEMPTS = 10;

/** Larger than any datagram of a dump: the kernel fills at most 32 KiB. */
const RECEIVE_BYTES = 64 * 1024;

/**
 * A netlink socket of the namespace in which it was opened, even if the thread moves later. Answers are matched by
 * sequence number, and errors have the kernel's own message.
 */
export class NetlinkSocket implements Disposable {
  private sequence = 0;
  private readonly buffer = new Uint8Array(RECEIVE_BYTES);

  private constructor(private readonly fd: number) {}

  public static open(protocol: number, operation: string): NetlinkSocket {
    return asNetlinkError(operation, () => {
      const socket = new NetlinkSocket(openSocket(AF_NETLINK, SOCK_RAW, protocol));
      try {
        socket.prepare();
        return socket;
      } catch (error) {
        socket[Symbol.dispose]();
        throw error;
      }
    });
  }

  private prepare(): void {
    const [SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK] = [270, 10, 11, 12];
    bindSocket(this.fd, new Uint8Array([AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_CAP_ACK, u32(1));
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_EXT_ACK, u32(1));
    ignoreOldKernel(() => setSocketOption(this.fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, u32(1)));
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }

  /** Sends a change, and returns when the kernel has made it. @throws NetlinkError */
  public change(request: Request): void {
    this.changes([request]);
  }

  /**
   * Sends several changes in one datagram, and returns when the kernel has made them. The kernel continues after a
   * rejected one, so later changes must be undone like the rest. Without changes there is nothing to send.
   *
   * @throws NetlinkError of the first rejected request
   */
  public changes(requests: readonly Request[]): void {
    if (requests.length === 0) return;
    // Rejections are always reported; the last request's acknowledgement says that the kernel has handled all.
    const last = requests.length - 1;
    const acknowledged = requests.map((request, index) =>
      index === last ? { ...request, flags: request.flags | NLM_F_ACK } : request,
    );
    this.transaction(acknowledged, requests[0]!.operation);
  }

  /**
   * Sends changes as `changes` does, where each may be rejected by itself.
   *
   * @returns the error number of each; 0 for a change that was made
   * @throws NetlinkError if the kernel did not answer
   */
  public outcomes(requests: readonly Request[]): number[] {
    if (requests.length === 0) return [];
    const outcomes = new Array<number>(requests.length).fill(0);
    const last = requests.length - 1;
    this.exchange(
      requests.map((request, index) => (index === last ? { ...request, flags: request.flags | NLM_F_ACK } : request)),
      requests[0]!.operation,
      (message, index) => {
        outcomes[index] = -message.payload.i32();
      },
    );
    return outcomes;
  }

  /** Hears of a group's events from now on. @param bytes of them that the kernel keeps until they are taken */
  public subscribe(groups: readonly number[], bytes: number): void {
    const [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, SO_RCVBUFFORCE] = [270, 1, 33];
    asNetlinkError('subscribe to netlink events', () => {
      setSocketOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, u32(bytes));
      for (const group of groups) setSocketOption(this.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, u32(group));
    });
  }

  /** Asks for a list, whose parts `take` returns. */
  public beginDump(request: Request): void {
    this.send(request, NLM_F_DUMP);
  }

  /**
   * The messages that wait, of one datagram: events, or a part of a list; nothing without any.
   *
   * @throws NetlinkError, with ENOBUFS after events were lost
   */
  public take(operation: Operation): Message[] | undefined {
    return asNetlinkError(operation, () => this.receiveNow());
  }

  /** Requests one object. @throws NetlinkError */
  public get(request: Request): Message {
    this.send(request, 0);
    const [answer] = this.receive(request);
    if (answer === undefined) throw new NetlinkError(request.operation, EAGAIN, 'no answer');
    if (answer.type === NLMSG_ERROR) throwIfRefused(answer, request);
    return answer;
  }

  /** Requests a list. @throws NetlinkError */
  public dump(request: Request): Message[] {
    return this.dumpInto(
      request,
      (): Message[] => [],
      (messages, message) => messages.push(message),
    );
  }

  /**
   * Dumps without buffering every message: `begin` makes the accumulator, `collect` folds each message into it.
   * Restarts if the dump was interrupted.
   *
   * @throws NetlinkError
   */
  public dumpInto<T>(request: Request, begin: () => T, collect: (into: T, message: Message) => void): T {
    for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
      const into = begin();
      if (this.dumpOnce(request, (message) => collect(into, message))) return into;
    }
    throw new NetlinkError(request.operation, EAGAIN, `the list changed during ${DUMP_ATTEMPTS} attempts to read it`);
  }

  /** @returns whether the list is complete; a concurrent change makes it incomplete */
  private dumpOnce(request: Request, collect: (message: Message) => void): boolean {
    this.send(request, NLM_F_DUMP);
    let isInterrupted = false;
    for (;;) {
      for (const message of this.receive(request)) {
        isInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
        if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) throwIfRefused(message, request);
        if (message.type === NLMSG_DONE) return !isInterrupted;
        collect(message);
      }
    }
  }

  /**
   * Sends requests in one datagram, which the kernel may handle as one transaction, and returns when it is done. One of
   * them must request an acknowledgement; the others are answered only if they are rejected.
   *
   * @throws NetlinkError of the first rejected request
   */
  public transaction(requests: readonly Request[], operation: Operation): void {
    this.exchange(requests, operation, (message, index) => throwIfRefused(message, requests[index]!));
  }

  /** @param answered hears what the kernel answers, and to which request */
  private exchange(
    requests: readonly Request[],
    operation: Operation,
    answered: (message: Message, index: number) => void,
  ): void {
    const asked = new Map<number, number>();
    const writer = new ByteWriter();
    for (const [index, request] of requests.entries()) {
      asked.set(this.nextSequence(), index);
      writeMessage(writer, { ...request, flags: request.flags | NLM_F_REQUEST }, this.sequence);
    }
    this.makeRoom(writer.length);
    asNetlinkError(operation, () => sendBytes(this.fd, writer.bytes));
    let isAcknowledged = false;
    for (;;) {
      // The kernel has handled all requests when send(2) returns: its answers are in the socket.
      const messages = this.receiveNow();
      if (messages === undefined) break;
      for (const message of messages) {
        const index = asked.get(message.sequence);
        if (message.type !== NLMSG_ERROR || index === undefined) continue;
        isAcknowledged = true;
        answered(message, index);
      }
    }
    if (!isAcknowledged) throw new NetlinkError(operation, EAGAIN, 'no answer');
  }

  private send(request: Request, flags: number): void {
    const message = { ...request, flags: request.flags | flags | NLM_F_REQUEST };
    asNetlinkError(request.operation, () => sendBytes(this.fd, encodeMessage(message, this.nextSequence())));
  }

  /** The next answers to the last request. Remaining answers to an earlier one are skipped. */
  private receive(request: Request): Message[] {
    return asNetlinkError(request.operation, () => {
      for (;;) {
        const length = receiveBytes(this.fd, this.buffer) ?? 0;
        const messages = readMessages(new ByteReader(this.buffer.slice(0, length)));
        const answers = messages.filter(({ sequence }) => sequence === this.sequence);
        if (answers.length > 0) return answers;
      }
    });
  }

  private receiveNow(): Message[] | undefined {
    const length = receiveBytes(this.fd, this.buffer, MSG_DONTWAIT);
    return length === undefined ? undefined : readMessages(new ByteReader(this.buffer.slice(0, length)));
  }

  /** 32 bits: a router that is scraped ten times a second wraps around after a year or two. */
  private nextSequence(): number {
    this.sequence = (this.sequence + 1) >>> 0;
    return this.sequence;
  }

  /** A transaction is one datagram, so it must fit into the send buffer. */
  private makeRoom(bytes: number): void {
    const SO_SNDBUFFORCE = 32;
    if (bytes > 64 * 1024) setSocketOption(this.fd, SOL_SOCKET, SO_SNDBUFFORCE, u32(bytes * 2));
  }
}

function throwIfRefused(message: Message, { operation }: Request): void {
  const refused = refusal(message, operation);
  if (refused !== undefined) throw refused;
}

function asNetlinkError<T>(operation: Operation, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof SystemCallError ? new NetlinkError(operation, error.errno, error.call) : error;
  }
}

/** Strict checking, for dumps of a single table, exists since Linux 4.20. */
function ignoreOldKernel(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.errno !== ENOPROTOOPT) throw error;
  }
}

function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}
