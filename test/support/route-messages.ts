import { ByteReader } from '../../cni/netlink/byte-reader';
import {
  type Message,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  type Request,
} from '../../cni/netlink/message';
import type { NetlinkError } from '../../cni/netlink/netlink-error';
import type { NetlinkSocket } from '../../cni/netlink/socket';
import { attributeTree, messagesOf, recordedMessages, type Tree } from './recorded-netlink';

/** A message of rtnetlink as a value to compare. */
interface Shape {
  readonly type: number;
  /** Without NLM_F_REQUEST and NLM_F_ACK, which our socket sets where it sends. */
  readonly flags: number;
  /** The family's own header in hexadecimal. */
  readonly header: string;
  readonly attributes: Tree;
}

/** Of `struct ifinfomsg`, `ifaddrmsg`, `rtmsg`, `ndmsg` and `fib_rule_hdr`, by a message's type divided by four. */
const HEADER_LENGTHS: Readonly<Record<number, number>> = { 4: 16, 5: 8, 6: 12, 7: 12, 8: 12 };

function shape({ type, flags, payload }: Message): Shape {
  const length = HEADER_LENGTHS[type >> 2]!;
  const header = Buffer.from(payload.bytes.subarray(0, length)).toString('hex');
  return { type, flags: flags & ~(NLM_F_REQUEST | NLM_F_ACK), header, attributes: attributeTree(payload, length) };
}

export function requestShape(request: Request): Shape {
  return shape(messagesOf([request])[0]!);
}

/** A request for a list, with the flag that our socket adds. */
export function dumpShape(request: Request): Shape {
  return requestShape({ ...request, flags: request.flags | NLM_F_DUMP });
}

/** In the place of a socket: it answers the same to everything, and keeps what it was asked. */
export function socketThatAnswers(answer: readonly Message[] | NetlinkError) {
  const requests: Request[] = [];
  const ask = (request: Request): readonly Message[] => {
    requests.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const socket = { dump: ask, get: (request: Request) => ask(request)[0] } as unknown as NetlinkSocket;
  return { socket, requests };
}

/**
 * What `ip` sent.
 *
 * @param header values of ours where `ip` chooses others, by their place in the header
 */
export function recordedShape(name: string, header: Readonly<Record<number, number>> = {}): Shape {
  const [recorded, ...others] = recordedMessages(name).map(shape);
  if (recorded === undefined || others.length > 0) throw new Error(`${name} is not one message`);
  const bytes = Buffer.from(recorded.header, 'hex');
  for (const [at, value] of Object.entries(header)) {
    if (bytes[Number(at)] === value) throw new Error(`${name}: byte ${at} is ${value} already`);
    bytes[Number(at)] = value;
  }
  return { ...recorded, header: bytes.toString('hex') };
}

/** A copy with another byte. */
export function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

/** What the kernel answered to a dump of `ip`, without the end. */
export function recordedList(name: string): Message[] {
  return recordedMessages(`${name}.answer`).filter(({ type }) => type !== NLMSG_DONE);
}

/**
 * Ends messages at each of their bytes, and turns each byte into another one. The decoder refuses by a RangeError, or
 * reads: of a message that ends early nothing but what it says as a whole, or what it says where an attribute is
 * missing.
 *
 * @returns how many were refused
 */
export function mistreat<T extends object>(
  messages: readonly Message[],
  decode: (message: Message) => T | undefined,
  consequences: readonly (keyof T)[] = [],
): number {
  let refused = 0;
  const read = (message: Message, bytes: Uint8Array): T | undefined => {
    try {
      return decode({ ...message, payload: new ByteReader(bytes) });
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
      return undefined;
    }
  };
  for (const message of messages) {
    const { bytes } = message.payload;
    const whole = decode(message);
    for (let at = 0; at < bytes.length; at++) {
      const cut = read(message, bytes.subarray(0, at));
      for (const key of Object.keys(cut ?? {}) as (keyof T)[]) {
        if (cut?.[key] && !consequences.includes(key)) expect(cut[key]).toEqual(whole?.[key]);
      }
      read(message, withByte(bytes, at, bytes[at]! ^ 0xff));
    }
  }
  return refused;
}
