import type {
  AddressSide,
  ConntrackDirection,
  ConntrackState,
  IcmpType,
  NftRule,
  NftStatement,
} from '../../../src/domain/data-plane/nft-table';
import { nftRuleText } from '../../../src/domain/data-plane/nft-table-text';
import { type Cidr, octetMask } from '../../../src/domain/values/cidr';
import type { Family } from '../../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../../src/domain/values/protocol';
import { ByteWriter } from '../byte-writer';
import { NLM_F_APPEND, NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import * as x from './expression';
import { nftRequest } from './nft-message';

/** `nft add rule inet TABLE CHAIN RULE` */
export function addNftRule(table: string, chain: string, rule: NftRule): Request {
  const operation = () => `nft add rule inet ${table} ${chain} ${nftRuleText(rule)}`;
  return nftRequest(k.NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, operation, (writer) =>
    writer
      .attribute(k.NFTA_RULE_TABLE, (w) => w.text(table))
      .attribute(k.NFTA_RULE_CHAIN, (w) => w.text(chain))
      .nested(k.NFTA_RULE_EXPRESSIONS, (list) => {
        for (const statement of rule) list.raw(statementBytes(statement));
      }),
  );
}

/** Encoded statements, by their JSON: a table has most of its statements several times. */
const encoded = new Map<string, Uint8Array>();

/** More come from fallbacks that change while the process runs. */
const MOST_ENCODED = 256;

function statementBytes(statement: NftStatement): Uint8Array {
  const key = JSON.stringify(statement);
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const writer = new ByteWriter(512);
  for (const write of expressions(statement)) write(writer);
  if (encoded.size >= MOST_ENCODED) encoded.clear();
  encoded.set(key, writer.bytes);
  return writer.bytes;
}

/** The expressions of a statement, with the registers that `nft` would choose. */
export function expressions(statement: NftStatement): readonly x.Expression[] {
  return (EXPRESSIONS[statement.kind] as (statement: NftStatement) => readonly x.Expression[])(statement);
}

type Encoders = {
  readonly [Kind in NftStatement['kind']]: (
    statement: Extract<NftStatement, { readonly kind: Kind }>,
  ) => readonly x.Expression[];
};

const EXPRESSIONS: Encoders = {
  nfproto: ({ family }) => familyIs(family),
  iifname: ({ name }) => [x.loadMeta(k.NFT_META_IIFNAME), x.compare(x.interfaceBytes(name))],
  'not-iifname': ({ name }) => [x.loadMeta(k.NFT_META_IIFNAME), x.compare(x.interfaceBytes(name), k.NFT_CMP_NEQ)],
  oifname: ({ name }) => [x.loadMeta(k.NFT_META_OIFNAME), x.compare(x.interfaceBytes(name))],
  'not-oifname': ({ name }) => [x.loadMeta(k.NFT_META_OIFNAME), x.compare(x.interfaceBytes(name), k.NFT_CMP_NEQ)],
  'pkttype-host': () => [x.loadMeta(k.NFT_META_PKTTYPE), x.compare([PACKET_HOST])],
  l4proto: ({ protocol }) => [x.loadMeta(k.NFT_META_L4PROTO), x.compare([L4_NUMBERS[protocol]])],
  'l4proto-not': ({ protocol }) => [x.loadMeta(k.NFT_META_L4PROTO), x.compare([L4_NUMBERS[protocol]], k.NFT_CMP_NEQ)],
  'icmp-type': ({ family, type }) => [
    ...familyIs(family),
    x.loadMeta(k.NFT_META_L4PROTO),
    x.compare([family === 4 ? L4_NUMBERS.icmp : L4_NUMBERS['ipv6-icmp']]),
    x.loadPayload(ICMP_TYPE),
    x.compare([ICMP_TYPES[family][type]]),
  ],
  limit: ({ isOver, perSecond }) => [x.limitPackets(perSecond, isOver)],
  address: ({ side, cidr }) => [...familyIs(cidr.address.family), ...addressWithin(side, cidr)],
  'address-in': ({ family, side, set }) => [...familyIs(family), x.loadPayload(ADDRESSES[family][side]), x.lookup(set)],
  'called-in': ({ family, set }) => [...familyIs(family), x.loadOriginalDestination(family), x.lookup(set)],
  'from-local': () => [x.loadAddressType(k.NFTA_FIB_F_SADDR), x.compare(x.hostBytes(RTN_LOCAL))],
  'not-from-local': () => [x.loadAddressType(k.NFTA_FIB_F_SADDR), x.compare(x.hostBytes(RTN_LOCAL), k.NFT_CMP_NEQ)],
  'not-to-interface': () => [
    x.loadAddressType(k.NFTA_FIB_F_DADDR | k.NFTA_FIB_F_IIF),
    x.compare(x.hostBytes(RTN_LOCAL), k.NFT_CMP_NEQ),
  ],
  'tcp-dport': ({ port }) => [...IS_TCP, ...portIs(port)],
  'udp-dport': ({ port }) => [x.loadMeta(k.NFT_META_L4PROTO), x.compare([L4_NUMBERS.udp]), ...portIs(port)],
  'tcp-syn': () => tcpFlags(TCP_SYN | TCP_RST, TCP_SYN),
  'mss-of-route': () => [...x.loadRouteMss(), x.writeTcpMss()],
  'tcp-neither-syn-nor-rst': () => tcpFlags(TCP_SYN | TCP_RST, 0),
  'service-in': ({ family, set }) => [
    ...familyIs(family),
    x.loadMeta(k.NFT_META_L4PROTO),
    x.loadPayload(ADDRESSES[family].daddr, k.NFT_REG32_01),
    x.loadPayload(DESTINATION_PORT, PORT_AFTER_SERVICE[family]),
    x.lookup(set),
  ],
  'ct-state': ({ states }) => [
    x.loadConntrack(k.NFT_CT_STATE),
    x.mask(x.hostBytes(states.reduce((bits, state) => bits | STATE_BITS[state], 0))),
    x.compare(x.hostBytes(0), k.NFT_CMP_NEQ),
  ],
  'ct-direction': ({ direction }) => [x.loadConntrack(k.NFT_CT_DIRECTION), x.compare([DIRECTIONS[direction]])],
  'ct-marked': () => [x.loadConntrack(k.NFT_CT_MARK), x.compare(x.hostBytes(0), k.NFT_CMP_NEQ)],
  'connections-over': ({ family, set, limit }) => [
    ...familyIs(family),
    x.loadPayload(ADDRESSES[family].saddr),
    x.loadMeta(k.NFT_META_L4PROTO, AFTER_CLIENT[family].protocol),
    x.loadPayload(ADDRESSES[family].daddr, AFTER_CLIENT[family].address),
    x.loadPayload(DESTINATION_PORT, AFTER_CLIENT[family].port),
    x.countConnections(set, limit),
  ],
  'source-over': ({ family, set, limit }) => [
    ...familyIs(family),
    x.loadPayload(ADDRESSES[family].saddr),
    x.countConnections(set, limit),
  ],
  counter: () => [x.counter()],
  'ct-mark-bits-in': ({ mask, set }) => [x.loadConntrack(k.NFT_CT_MARK), x.mask(x.hostBytes(mask)), x.lookup(set)],
  'ct-mark-from-on': ({ mark }) => [
    x.loadConntrack(k.NFT_CT_MARK),
    x.toNetworkOrder(4),
    x.compare([...x.hostBytes(mark)].reverse(), k.NFT_CMP_GTE),
  ],
  'ct-mark-keep': ({ mask }) => [x.loadConntrack(k.NFT_CT_MARK), x.mask(x.hostBytes(mask)), x.setConntrackMark()],
  'l4proto-in': ({ set }) => [x.loadMeta(k.NFT_META_L4PROTO), x.lookup(set)],
  'ct-mark-in': ({ set }) => [x.loadConntrack(k.NFT_CT_MARK), x.lookup(set)],
  'ct-mark-from': ({ map }) => [...lookupByPort(map), x.setConntrackMark()],
  'port-in': ({ set }) => [...LOAD_PORT_KEY, x.lookup(set)],
  'ct-mark-bucket': ({ family, modulus, seed, offset }) => [
    ...familyIs(family),
    x.loadPayload(ADDRESSES[family].saddr, k.NFT_REG_2),
    x.jenkinsHash({ length: ADDRESSES[family].saddr.length, modulus, seed, offset }),
    x.setConntrackMark(),
  ],
  'ct-mark-from-bucket': ({ map }) => [...lookupByPortAndMark(map), x.setConntrackMark()],
  'dnat-from-mark': ({ map, family }) => [
    ...lookupByPortAndMark(map),
    x.nat({ type: k.NFT_NAT_DNAT, family, portRegister: PORT_AFTER_ADDRESS[family] }),
  ],
  'ct-mark': ({ mark }) => [x.immediate(x.hostBytes(mark)), x.setConntrackMark()],
  'dnat-from': ({ map, family }) => [
    ...lookupByPort(map),
    x.nat({ type: k.NFT_NAT_DNAT, family, portRegister: PORT_AFTER_ADDRESS[family] }),
  ],
  'dnat-from-service': ({ map, family }) => [
    ...familyIs(family),
    x.loadPayload(ADDRESSES[family].daddr),
    x.loadMeta(k.NFT_META_L4PROTO, PORT_AFTER_ADDRESS[family]),
    x.loadPayload(DESTINATION_PORT, PORT_AFTER_SERVICE[family]),
    x.lookup(map, k.NFT_REG_1),
    x.nat({ type: k.NFT_NAT_DNAT, family, portRegister: PORT_AFTER_ADDRESS[family] }),
  ],
  dnat: ({ address }) => [x.immediate(address.bytes), x.nat({ type: k.NFT_NAT_DNAT, family: address.family })],
  snat: ({ address }) => [
    x.immediate(address.bytes),
    x.nat({ type: k.NFT_NAT_SNAT, family: address.family, flags: k.NF_NAT_RANGE_PROTO_RANDOM_FULLY }),
  ],
  masquerade: () => [x.masquerade(k.NF_NAT_RANGE_PROTO_RANDOM_FULLY)],
  'reject-reset': () => [x.reject(k.NFT_REJECT_TCP_RST)],
  'reject-port': () => [x.reject(k.NFT_REJECT_ICMPX_UNREACH, k.NFT_REJECT_ICMPX_PORT_UNREACH)],
  accept: () => [x.verdict(k.NF_ACCEPT)],
  drop: () => [x.verdict(k.NF_DROP)],
  return: () => [x.verdict(k.NFT_RETURN)],
};

function portIs(port: number): x.Expression[] {
  return [x.loadPayload(DESTINATION_PORT), x.compare([port >> 8, port & 0xff])];
}

/** `meta l4proto . th dport map @MAP`; the value replaces the key, from register 1 on. */
function lookupByPort(map: string): x.Expression[] {
  return [...LOAD_PORT_KEY, x.lookup(map, k.NFT_REG_1)];
}

/** `meta l4proto . th dport . ct mark map @MAP` */
function lookupByPortAndMark(map: string): x.Expression[] {
  return [...LOAD_PORT_KEY, x.loadConntrack(k.NFT_CT_MARK, k.NFT_REG32_02), x.lookup(map, k.NFT_REG_1)];
}

function familyIs(family: Family): x.Expression[] {
  return [x.loadMeta(k.NFT_META_NFPROTO), x.compare([x.nfproto(family)])];
}

/** `nft` loads only the octets of a prefix, unless it ends within one. */
function addressWithin(side: AddressSide, { address: { family, bytes }, prefixLength }: Cidr): x.Expression[] {
  const header = ADDRESSES[family][side];
  if (prefixLength % 8 === 0) {
    const length = prefixLength / 8;
    return [x.loadPayload({ ...header, length }), x.compare(bytes.slice(0, length))];
  }
  const mask = bytes.map((_, index) => octetMask(prefixLength, index));
  return [x.loadPayload(header), x.mask(mask), x.compare(bytes)];
}

function tcpFlags(mask: number, bits: number): x.Expression[] {
  return [...IS_TCP, x.loadPayload(TCP_FLAGS), x.mask([mask]), x.compare([bits])];
}

const IS_TCP = [x.loadMeta(k.NFT_META_L4PROTO), x.compare([PROTOCOL_NUMBERS.TCP])];
/** At the same place in TCP, UDP and SCTP. */
const DESTINATION_PORT: x.Payload = { base: k.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, length: 2 };
/** `meta l4proto . th dport`, from register 1 on */
const LOAD_PORT_KEY = [x.loadMeta(k.NFT_META_L4PROTO), x.loadPayload(DESTINATION_PORT, k.NFT_REG32_01)];
const TCP_FLAGS: x.Payload = { base: k.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, length: 1 };
const ICMP_TYPE: x.Payload = { base: k.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 0, length: 1 };
const TCP_SYN = 0x02;
const TCP_RST = 0x04;

const inNetworkHeader = (offset: number, length: number): x.Payload => ({
  base: k.NFT_PAYLOAD_NETWORK_HEADER,
  offset,
  length,
});
const ADDRESSES: Readonly<Record<Family, Readonly<Record<AddressSide, x.Payload>>>> = {
  4: { saddr: inNetworkHeader(12, 4), daddr: inNetworkHeader(16, 4) },
  6: { saddr: inNetworkHeader(8, 16), daddr: inNetworkHeader(24, 16) },
};

/** `enum` of linux/rtnetlink.h */
const RTN_LOCAL = 2;

/** The register of a port that follows protocol and address. */
const PORT_AFTER_SERVICE: Readonly<Record<Family, number>> = { 4: k.NFT_REG32_02, 6: k.NFT_REG32_05 };

/** Registers of protocol, address and port that follow a client's address. */
const AFTER_CLIENT = {
  4: { protocol: k.NFT_REG32_01, address: k.NFT_REG32_02, port: k.NFT_REG32_03 },
  6: { protocol: k.NFT_REG_2, address: k.NFT_REG32_05, port: k.NFT_REG32_09 },
} as const;

/** What follows an address: one of IPv4 fills the first quarter of register 1, and one of IPv6 all of it. */
const PORT_AFTER_ADDRESS: Readonly<Record<Family, number>> = { 4: k.NFT_REG32_01, 6: k.NFT_REG_2 };

const PACKET_HOST = 0;
const L4_NUMBERS = { icmp: 1, udp: 17, 'ipv6-icmp': 58, sctp: 132 } as const;

/** Of both families; IPv4 has the first one only. */
const ICMPV6_TYPES: Readonly<Record<IcmpType, number>> = {
  'echo-request': 128,
  'mld-listener-query': 130,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
};
const ICMP_TYPES = { 4: { ...ICMPV6_TYPES, 'echo-request': 8 }, 6: ICMPV6_TYPES } as const;

/** `enum ip_conntrack_dir` */
const DIRECTIONS: Readonly<Record<ConntrackDirection, number>> = { original: 0, reply: 1 };

/** NF_CT_STATE_INVALID_BIT, NF_CT_STATE_BIT of `enum ip_conntrack_info`, and NF_CT_STATE_UNTRACKED_BIT */
const STATE_BITS: Readonly<Record<ConntrackState, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
};
