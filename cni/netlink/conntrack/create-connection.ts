import { PROTOCOL_NUMBERS } from '../../../src/domain/values/protocol';
import { AF_INET, AF_INET6 } from '../../ffi/address-family';
import { type ByteWriter, NLA_F_NESTED } from '../byte-writer';
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import type { SctpState } from './connection';
import * as k from './constants';

/** Both ends of one direction: addresses of 4 or 16 octets. */
export interface Tuple {
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly destination: Uint8Array;
  readonly destinationPort: number;
}

/** A connection whose source and destination are both translated. */
export interface TranslatedConnection {
  /** Of the client's packets as they come in. */
  readonly original: Tuple;
  /** Of the client's packets as they go out. */
  readonly translated: Tuple;
  readonly mark: number;
  /** In which the kernel forgets it, unless a packet comes. */
  readonly seconds: number;
  /** Of TCP: a number of `enum tcp_conntrack`. */
  readonly tcpState?: number;
  /** The verification tags of an SCTP association. */
  readonly tags?: Pick<SctpState, 'original' | 'reply'>;
}

/**
 * `conntrack -I` of a connection that was established elsewhere. The kernel sets the translation up itself, so that it
 * knows the source port as taken. TCP segments pass whatever their sequence numbers are: this kernel has not seen any.
 *
 * @returns EEXIST if either direction is one of a known connection, ENOMEM if the table is full
 */
export function createConnection(connection: TranslatedConnection): Request {
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_NEW,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    operation: 'conntrack -I',
    write: (writer) => writeConnection(writer, connection),
  };
}

/** `conntrack -D` of whatever connection has this tuple. @returns ENOENT without one */
export function deleteByTuple(tuple: Tuple, direction: 'original' | 'reply'): Request {
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_DELETE,
    flags: 0,
    operation: 'conntrack -D',
    write: (writer) => {
      writeHeader(writer, tuple);
      writeTuple(writer, direction === 'original' ? k.CTA_TUPLE_ORIG : k.CTA_TUPLE_REPLY, tuple);
    },
  };
}

/** `conntrack -U --timeout SECONDS`. @returns ENOENT without such a connection */
export function extendConnection(original: Tuple, seconds: number): Request {
  return {
    type: (k.NFNL_SUBSYS_CTNETLINK << 8) | k.IPCTNL_MSG_CT_NEW,
    flags: 0,
    operation: 'conntrack -U',
    write: (writer) => {
      writeHeader(writer, original);
      writeTuple(writer, k.CTA_TUPLE_ORIG, original);
      writer.numberAttribute(k.CTA_TIMEOUT, seconds);
    },
  };
}

/** The same way back. */
export function reversed({ protocol, source, sourcePort, destination, destinationPort }: Tuple): Tuple {
  return {
    protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}

const STATUS = k.IPS_SEEN_REPLY | k.IPS_ASSURED | k.IPS_CONFIRMED;

// Thousands a second: attributes of known lengths are written without a callback for each.
function writeConnection(writer: ByteWriter, connection: TranslatedConnection): void {
  const { original, translated, mark, seconds, tcpState, tags } = connection;
  writeHeader(writer, original);
  writeTuple(writer, k.CTA_TUPLE_ORIG, original);
  // The kernel replaces both ends when it sets the translation up.
  writeTuple(writer, k.CTA_TUPLE_REPLY, reversed(original));
  writer
    .numberAttribute(k.CTA_STATUS, STATUS)
    .numberAttribute(k.CTA_TIMEOUT, seconds)
    .numberAttribute(k.CTA_MARK, mark);
  writeTranslation(writer, k.CTA_NAT_SRC, translated.source, translated.sourcePort);
  writeTranslation(writer, k.CTA_NAT_DST, translated.destination, translated.destinationPort);
  if (original.protocol === PROTOCOL_NUMBERS.TCP) writeTcp(writer, tcpState ?? k.TCP_CONNTRACK_ESTABLISHED);
  else if (tags !== undefined) writeSctp(writer, tags);
}

/** `struct nfgenmsg` */
function writeHeader(writer: ByteWriter, { source }: Tuple): void {
  writer.u8(source.length === 4 ? AF_INET : AF_INET6).zeros(k.NFGENMSG_LENGTH - 1);
}

const octetAttribute = 8;
const portAttribute = 8;

function writeTuple(writer: ByteWriter, type: number, tuple: Tuple): void {
  const { protocol, source, sourcePort, destination, destinationPort } = tuple;
  const isIpv4 = source.length === 4;
  const addresses = 2 * (4 + source.length);
  const ports = octetAttribute + 2 * portAttribute;
  writer.attributeHeader(type | NLA_F_NESTED, 4 + addresses + 4 + ports);
  writer.attributeHeader(k.CTA_TUPLE_IP | NLA_F_NESTED, addresses);
  writer.attributeHeader(isIpv4 ? k.CTA_IP_V4_SRC : k.CTA_IP_V6_SRC, source.length).raw(source);
  writer.attributeHeader(isIpv4 ? k.CTA_IP_V4_DST : k.CTA_IP_V6_DST, destination.length).raw(destination);
  writer.attributeHeader(k.CTA_TUPLE_PROTO | NLA_F_NESTED, ports);
  writer.attributeHeader(k.CTA_PROTO_NUM, 1).u8(protocol).zeros(3);
  writePort(writer, k.CTA_PROTO_SRC_PORT, sourcePort);
  writePort(writer, k.CTA_PROTO_DST_PORT, destinationPort);
}

function writePort(writer: ByteWriter, type: number, port: number): void {
  writer.attributeHeader(type, 2).u16be(port).zeros(2);
}

/** A range of one address and one port. */
function writeTranslation(writer: ByteWriter, type: number, address: Uint8Array, port: number): void {
  const isIpv4 = address.length === 4;
  writer.attributeHeader(type | NLA_F_NESTED, 2 * (4 + address.length) + 4 + 2 * portAttribute);
  writer.attributeHeader(isIpv4 ? k.CTA_NAT_V4_MINIP : k.CTA_NAT_V6_MINIP, address.length).raw(address);
  writer.attributeHeader(isIpv4 ? k.CTA_NAT_V4_MAXIP : k.CTA_NAT_V6_MAXIP, address.length).raw(address);
  writer.attributeHeader(k.CTA_NAT_PROTO | NLA_F_NESTED, 2 * portAttribute);
  writePort(writer, k.CTA_PROTONAT_PORT_MIN, port);
  writePort(writer, k.CTA_PROTONAT_PORT_MAX, port);
}

function writeTcp(writer: ByteWriter, state: number): void {
  const liberal = k.IP_CT_TCP_FLAG_BE_LIBERAL;
  writer.nested(k.CTA_PROTOINFO, (info) =>
    info.nested(k.CTA_PROTOINFO_TCP, (tcp) =>
      tcp
        .attribute(k.CTA_PROTOINFO_TCP_STATE, (w) => w.u8(state))
        // Flags and their mask.
        .attribute(k.CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, (w) => w.u8(liberal).u8(liberal))
        .attribute(k.CTA_PROTOINFO_TCP_FLAGS_REPLY, (w) => w.u8(liberal).u8(liberal)),
    ),
  );
}

function writeSctp(writer: ByteWriter, { original, reply }: Pick<SctpState, 'original' | 'reply'>): void {
  writer.nested(k.CTA_PROTOINFO, (info) =>
    info.nested(k.CTA_PROTOINFO_SCTP, (sctp) =>
      sctp
        .attribute(k.CTA_PROTOINFO_SCTP_STATE, (w) => w.u8(k.SCTP_CONNTRACK_ESTABLISHED))
        .numberAttribute(k.CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, original)
        .numberAttribute(k.CTA_PROTOINFO_SCTP_VTAG_REPLY, reply),
    ),
  );
}
