import type { Field } from '../input/decoder';

/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** An address in canonical text: dotted decimal, or RFC 5952. Equal addresses have equal text. */
export interface IpAddress {
  readonly family: Family;
  readonly text: string;
  /** 4 or 16 octets, most significant first. */
  readonly bytes: readonly number[];
}

/** The kind of an address, which decides whether a packet can come from it or go to it. */
export type AddressKind = 'host' | 'unspecified' | 'loopback' | 'multicast' | 'link-local' | 'broadcast' | 'reserved';

export const IP_ADDRESS = 'an IPv4 or IPv6 address without prefix or zone, such as "203.0.113.26" or "2001:db8::26"';

/**
 * Parses one address.
 *
 * IPv4 is four decimal octets without leading zeros (`010.0.0.1` is octal to some programs and decimal to others);
 * IPv6 is any spelling of RFC 4291 without a zone. An IPv4-mapped address is rejected, because it is ambiguous.
 *
 * @returns the address, or a predicate that completes the sentence "VALUE …" for invalid text
 */
export function parseIpAddress(text: string): IpAddress | string {
  if (!text.includes(':')) {
    const bytes = parseDottedDecimal(text);
    // Accepted text is already canonical.
    return bytes === undefined ? whyNotAnAddress(text) : { family: 4, text, bytes };
  }
  const hexadecimal = text.includes('/') || text.includes('%') ? undefined : withoutDottedTail(text);
  const bytes = hexadecimal === undefined ? undefined : parseHexadecimal(hexadecimal);
  if (bytes === undefined) return whyNotAnAddress(text);
  return isIpv4Mapped(bytes) ? `is an IPv4-mapped address (write ${bytes.slice(12).join('.')})` : fromBytes(bytes);
}

/** Forms that people write where an address has to be, in the order in which one explains another. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/:\/\//, 'is a URL'],
  [/\//, 'carries a prefix length'],
  [/%/, 'carries a zone id'],
  [/^\[.*\]/, 'is in brackets'],
  [/^\d+(\.\d+){3}:\d+$/, 'carries a port'],
  [/^(?=.*\b0\d)\d+(\.\d+){3}$/, 'has an octet with a leading zero, which is octal to some programs'],
  [/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]+\.?$/i, 'is not an IP address but a host name'],
];

function whyNotAnAddress(text: string): string {
  return MISTAKES.find(([form]) => form.test(text))?.[1] ?? 'is not an IP address';
}

/** ::ffff:0:0/96 */
function isIpv4Mapped(bytes: readonly number[]): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((octet) => octet === 0);
}

/** Four decimal numbers without leading zeros. */
const DOTTED_DECIMAL = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/**
 * The octets of `203.0.113.26`. One regular expression instead of a loop: the plugin parses ten thousand addresses in a
 * new process, where native calls are faster than code that is not compiled yet.
 */
function parseDottedDecimal(text: string): number[] | undefined {
  const words = DOTTED_DECIMAL.exec(text);
  if (words === null) return undefined;
  const [a, b, c, d] = [Number(words[1]), Number(words[2]), Number(words[3]), Number(words[4])];
  return a > 255 || b > 255 || c > 255 || d > 255 ? undefined : [a, b, c, d];
}

/** Rewrites the last 32 bits of an IPv6 address in IPv4 notation (`64:ff9b::10.0.0.1`) in hexadecimal. */
function withoutDottedTail(text: string): string | undefined {
  const tail = text.lastIndexOf(':') + 1;
  const last = text.slice(tail);
  if (!last.includes('.')) return text;
  const octets = parseDottedDecimal(last);
  if (octets === undefined) return undefined;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${text.slice(0, tail)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

const GROUPS = 8;

/** The octets of eight groups of hexadecimal digits, of which `::` stands for one or more zeros. */
function parseHexadecimal(text: string): number[] | undefined {
  const [head, tail, ...more] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const missing = GROUPS - head!.length - (tail?.length ?? 0);
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head!, ...new Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
}

/** The address of 4 or 16 octets. */
export function fromBytes(bytes: readonly number[]): IpAddress {
  return bytes.length === 4
    ? { family: 4, text: bytes.join('.'), bytes }
    : { family: 6, text: hexadecimalText(bytes), bytes };
}

/** Groups of zeros between others: at least two, because `::` does not stand for one. */
const ZERO_RUN = /\b0(?::0)+\b/g;

/** RFC 5952: `::` stands for the longest run of zeros, for the first one of equally long ones. */
function hexadecimalText(bytes: readonly number[]): string {
  const group = (_: unknown, index: number) => ((bytes[2 * index]! << 8) | bytes[2 * index + 1]!).toString(16);
  const text = Array.from({ length: GROUPS }, group).join(':');
  const runs = [...text.matchAll(ZERO_RUN)].sort(([a], [b]) => b.length - a.length);
  if (runs[0] === undefined) return text;
  const { 0: run, index } = runs[0];
  // Together with the colons beside the run, there may be four.
  return `${text.slice(0, index)}::${text.slice(index + run.length)}`.replace(/:{3,}/, '::');
}

export function addressKind({ family, bytes }: IpAddress): AddressKind {
  return family === 4 ? kindOfIpv4(bytes) : kindOfIpv6(bytes);
}

/** No host sends from 0.0.0.0/8 and 240.0.0.0/4. @see RFC 6890 */
function kindOfIpv4(bytes: readonly number[]): AddressKind {
  const first = bytes[0]!;
  if (first === 0) return bytes.every((octet) => octet === 0) ? 'unspecified' : 'reserved';
  if (first === 127) return 'loopback';
  if (first === 169 && bytes[1] === 254) return 'link-local';
  if (first < 224) return 'host';
  if (first < 240) return 'multicast';
  return bytes.every((octet) => octet === 255) ? 'broadcast' : 'reserved';
}

/** Addresses of other reserved ranges count as hosts. @see RFC 4291 */
function kindOfIpv6(bytes: readonly number[]): AddressKind {
  const [first, second] = bytes as [number, number];
  if (first === 0xff) return 'multicast';
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'link-local';
  if (first !== 0 || bytes.slice(0, 15).some((octet) => octet !== 0)) return 'host';
  return bytes[15] === 0 ? 'unspecified' : bytes[15] === 1 ? 'loopback' : 'host';
}

/** Whether the address is in fe80::/10: it needs an interface as its scope. */
export function isIpv6LinkLocal(address: IpAddress): boolean {
  return address.family === 6 && addressKind(address) === 'link-local';
}

/** `IPv4` or `IPv6`, as in messages and in a Service's `ipFamilies`. */
export function familyName(family: Family): 'IPv4' | 'IPv6' {
  return family === 4 ? 'IPv4' : 'IPv6';
}

/** Reads an address of any kind. */
export function readIpAddress(field: Field, accepted = IP_ADDRESS): IpAddress | undefined {
  const text = field.text(accepted);
  if (text === undefined) return undefined;
  const address = parseIpAddress(text);
  return typeof address === 'string' ? field.refuse(address, accepted) : address;
}

/** The address if it is a host's, else an issue. */
export function hostOnly(field: Field, address: IpAddress, accepted: string): IpAddress | undefined {
  const kind = addressKind(address);
  if (kind === 'host') return address;
  return field.refuse(`is ${kind === 'unspecified' ? 'the unspecified' : `a ${kind}`} address`, accepted);
}
