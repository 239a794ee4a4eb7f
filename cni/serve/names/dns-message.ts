import { type Answer, decode, encode, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { NameAnswer } from '../../../src/domain/names/name-answer';
import { type Family, type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

/** A question for the addresses of a name. */
export interface AddressQuestion {
  /** Without a dot at the end. */
  readonly name: string;
  readonly family: Family;
}

/** A question as it is sent: another number each time, so that another host cannot answer it unseen. */
export interface SentQuestion extends AddressQuestion {
  readonly id: number;
  /** Whether it says how long an answer may be; some old servers do not know that. */
  readonly hasEdns: boolean;
}

/** What a message means for a question. */
export type MessageMeaning =
  | NameAnswer
  /** Not an answer to the question: the answer may come yet. */
  | 'foreign'
  /** Too long for UDP. */
  | 'truncated'
  /** The server does not know EDNS. */
  | 'no-edns';

/** The longest answer by UDP that passes every path without fragments. @see DNS flag day 2020 */
const UDP_PAYLOAD = 1232;

/**
 * Bytes of the longest message that is decoded: more than 64 addresses need. In a longer one, pointers from name to
 * name could cost seconds.
 */
export const MOST_MESSAGE_BYTES = 16_384;

const HEADER_BYTES = 12;

/** The bit of the flags that makes a message an answer. */
const RESPONSE = 0x8000;

/** Records of the longest message that is decoded. */
const MOST_RECORDS = 512;

/** Aliases from a name to its addresses. */
const MOST_ALIASES = 16;

const TYPES = { 4: 'A', 6: 'AAAA' } as const;

export function encodeQuestion({ name, family, id, hasEdns }: SentQuestion): Buffer {
  const edns = { type: 'OPT', name: '.', udpPayloadSize: UDP_PAYLOAD, flags: 0, options: [] } as unknown as Answer;
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: TYPES[family], name }],
    additionals: hasEdns ? [edns] : [],
  });
}

/** Reads an answer of a server, which may be any bytes. Never throws, and its cost is bounded. */
export function readMessage(message: Buffer, question: SentQuestion): MessageMeaning {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== question.id) return 'foreign';
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE) === 0) return 'foreign';
  // It may end within a record.
  if ((flags & TRUNCATED_RESPONSE) !== 0) return 'truncated';
  const packet = decoded(message);
  if (packet === undefined) return { failure: 'malformed' };
  // A server that does not understand EDNS need not repeat the question.
  if (packet.questions?.length === 0 && hasRcode(packet, 'FORMERR', 'NOTIMP')) return withoutEdns(question);
  if (!isFor(packet, question)) return 'foreign';
  return meaningOf(packet, question);
}

/** The library's types leave out the code of the result. */
type Decoded = Packet & { readonly rcode?: string };

function decoded(message: Buffer): Decoded | undefined {
  if (message.length > MOST_MESSAGE_BYTES) return undefined;
  const records = [4, 6, 8, 10].reduce((sum, offset) => sum + message.readUInt16BE(offset), 0);
  if (records > MOST_RECORDS) return undefined;
  try {
    return decode(message);
  } catch {
    // The library throws errors of many kinds for malformed records.
    return undefined;
  }
}

function hasRcode({ rcode }: Decoded, ...names: readonly string[]): boolean {
  return rcode !== undefined && names.includes(rcode);
}

function withoutEdns({ hasEdns }: SentQuestion): MessageMeaning {
  return hasEdns ? 'no-edns' : { failure: 'refused' };
}

function isFor({ questions = [] }: Decoded, { name, family }: AddressQuestion): boolean {
  const [asked, ...others] = questions;
  if (asked === undefined || others.length > 0) return false;
  return asked.type === TYPES[family] && asked.class === 'IN' && isSameName(asked.name, name);
}

function meaningOf(packet: Decoded, question: SentQuestion): MessageMeaning {
  if (hasRcode(packet, 'FORMERR', 'NOTIMP')) return withoutEdns(question);
  if (hasRcode(packet, 'NXDOMAIN')) return { failure: 'nxdomain' };
  if (hasRcode(packet, 'SERVFAIL')) return { failure: 'servfail' };
  if (!hasRcode(packet, 'NOERROR')) return { failure: 'refused' };
  return addressesOf(packet.answers ?? [], question);
}

/** The addresses at the end of the aliases. A resolver puts all of them into its answer. */
function addressesOf(answers: readonly Answer[], { name, family }: AddressQuestion): NameAnswer {
  let owner = name;
  let ttl = Number.POSITIVE_INFINITY;
  for (let aliases = 0; aliases <= MOST_ALIASES; aliases++) {
    const own = answers.filter((answer) => isOfInternet(answer) && isSameName(answer.name, owner));
    const found = own.filter((answer) => answer.type === TYPES[family]);
    if (found.length > 0) return withAddresses(found, ttl);
    const alias = own.find((answer) => answer.type === 'CNAME');
    if (alias === undefined) return { failure: 'empty' };
    ttl = Math.min(ttl, ttlOf(alias));
    owner = String(dataOf(alias));
  }
  return { failure: 'loop' };
}

function withAddresses(answers: readonly Answer[], ttlOfAliases: number): NameAnswer {
  const addresses: IpAddress[] = [];
  for (const answer of answers) {
    const address = parseIpAddress(String(dataOf(answer)));
    // An IPv4 address as an IPv6 one, or a record that is cut off.
    if (typeof address === 'string') return { failure: 'malformed' };
    addresses.push(address);
  }
  return { addresses, ttl: Math.min(ttlOfAliases, ...answers.map(ttlOf)) };
}

function isOfInternet(answer: Answer): boolean {
  return 'class' in answer && answer.class === 'IN';
}

function ttlOf(answer: Answer): number {
  return 'ttl' in answer ? (answer.ttl ?? 0) : 0;
}

function dataOf(answer: Answer): unknown {
  return 'data' in answer ? answer.data : undefined;
}

function isSameName(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

function plainName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
