import type { Family } from '../../../src/domain/values/ip-address';
import type { ByteWriter } from '../byte-writer';
import * as k from './constants';

/**
 * Expressions: the instructions of nf_tables' virtual machine, with the verdict in register 0. Attributes with kernel
 * defaults are written, too, so that the kernel's report can be compared with the request.
 */
export type Expression = (writer: ByteWriter) => void;

type Write = (writer: ByteWriter) => void;

/** Name and attributes of an expression, into the attribute that holds it. */
export function writeExpression(writer: ByteWriter, name: string, write: Write = () => undefined): void {
  writer.attribute(k.NFTA_EXPR_NAME, (w) => w.text(name)).nested(k.NFTA_EXPR_DATA, write);
}

function expression(name: string, write: Write): Expression {
  return (writer) => writer.nested(k.NFTA_LIST_ELEM, (nest) => writeExpression(nest, name, write));
}

/** A value in an attribute of its own. */
function value(writer: ByteWriter, type: number, bytes: ArrayLike<number>): ByteWriter {
  return writer.nested(type, (nest) => nest.attribute(k.NFTA_DATA_VALUE, (w) => w.raw(bytes)));
}

/** `[ meta load KEY => reg REGISTER ]` */
export function loadMeta(key: number, register = k.NFT_REG_1): Expression {
  return expression('meta', (w) => {
    w.numberAttribute(k.NFTA_META_KEY, key);
    w.numberAttribute(k.NFTA_META_DREG, register);
  });
}

/** `[ ct load KEY => reg REGISTER ]` */
export function loadConntrack(key: number, register = k.NFT_REG_1): Expression {
  return expression('ct', (w) => {
    w.numberAttribute(k.NFTA_CT_KEY, key);
    w.numberAttribute(k.NFTA_CT_DREG, register);
  });
}

/** `[ ct load dst_ip => reg 1, dir original ]` */
export function loadOriginalDestination(family: Family): Expression {
  return expression('ct', (w) => {
    w.numberAttribute(k.NFTA_CT_KEY, family === 4 ? k.NFT_CT_DST_IP : k.NFT_CT_DST_IP6);
    w.numberAttribute(k.NFTA_CT_DREG, k.NFT_REG_1);
    w.attribute(k.NFTA_CT_DIRECTION, (direction) => direction.u8(0));
  });
}

/** `[ ct set mark with reg 1 ]` */
export function setConntrackMark(): Expression {
  return expression('ct', (w) => {
    w.numberAttribute(k.NFTA_CT_KEY, k.NFT_CT_MARK);
    w.numberAttribute(k.NFTA_CT_SREG, k.NFT_REG_1);
  });
}

/** Bytes of a header. */
export interface Payload {
  /** NFT_PAYLOAD_LL_HEADER, NFT_PAYLOAD_NETWORK_HEADER or NFT_PAYLOAD_TRANSPORT_HEADER */
  readonly base: number;
  readonly offset: number;
  readonly length: number;
}

/** `[ payload load LENGTHb @ BASE + OFFSET => reg REGISTER ]` */
export function loadPayload({ base, offset, length }: Payload, register = k.NFT_REG_1): Expression {
  return expression('payload', (w) => {
    w.numberAttribute(k.NFTA_PAYLOAD_DREG, register);
    w.numberAttribute(k.NFTA_PAYLOAD_BASE, base);
    w.numberAttribute(k.NFTA_PAYLOAD_OFFSET, offset);
    w.numberAttribute(k.NFTA_PAYLOAD_LEN, length);
  });
}

export interface HashExpression {
  /** Bytes in register 2. */
  readonly length: number;
  readonly modulus: number;
  readonly seed: number;
  readonly offset: number;
}

/** `[ hash reg 1 = jhash(reg 2, LENGTH, SEED) % mod MODULUS offset OFFSET ]` */
export function jenkinsHash({ length, modulus, seed, offset }: HashExpression): Expression {
  return expression('hash', (w) => {
    w.numberAttribute(k.NFTA_HASH_SREG, k.NFT_REG_2);
    w.numberAttribute(k.NFTA_HASH_DREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_HASH_LEN, length);
    w.numberAttribute(k.NFTA_HASH_MODULUS, modulus);
    w.numberAttribute(k.NFTA_HASH_SEED, seed);
    w.numberAttribute(k.NFTA_HASH_OFFSET, offset);
    w.numberAttribute(k.NFTA_HASH_TYPE, k.NFT_HASH_JENKINS);
  });
}

/** `[ fib FLAGS type => reg 1 ]` */
export function loadAddressType(flags: number): Expression {
  return expression('fib', (w) => {
    w.numberAttribute(k.NFTA_FIB_DREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_FIB_RESULT, k.NFT_FIB_RESULT_ADDRTYPE);
    w.numberAttribute(k.NFTA_FIB_FLAGS, flags);
  });
}

/** `[ rt load tcpmss => reg 1 ]` in network byte order: the size that fits into the MTU of both directions' routes */
export function loadRouteMss(): readonly Expression[] {
  const load = expression('rt', (w) => {
    w.numberAttribute(k.NFTA_RT_KEY, k.NFT_RT_TCPMSS);
    w.numberAttribute(k.NFTA_RT_DREG, k.NFT_REG_1);
  });
  return [load, toNetworkOrder(2)];
}

/** `[ byteorder reg 1 = hton(reg 1, BYTES, BYTES) ]` */
export function toNetworkOrder(bytes: number): Expression {
  return expression('byteorder', (w) => {
    w.numberAttribute(k.NFTA_BYTEORDER_SREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_BYTEORDER_DREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_BYTEORDER_OP, k.NFT_BYTEORDER_HTON);
    w.numberAttribute(k.NFTA_BYTEORDER_LEN, bytes);
    w.numberAttribute(k.NFTA_BYTEORDER_SIZE, bytes);
  });
}

/** `[ exthdr write tcpopt reg 1 => 2b @ 2 + 2 ]`: the kernel writes a maximum segment size only if it is smaller */
export function writeTcpMss(): Expression {
  const TCPOPT_MAXSEG = 2;
  return expression('exthdr', (w) => {
    w.numberAttribute(k.NFTA_EXTHDR_SREG, k.NFT_REG_1);
    w.attribute(k.NFTA_EXTHDR_TYPE, (type) => type.u8(TCPOPT_MAXSEG));
    w.numberAttribute(k.NFTA_EXTHDR_OFFSET, 2);
    w.numberAttribute(k.NFTA_EXTHDR_LEN, 2);
    w.numberAttribute(k.NFTA_EXTHDR_OP, k.NFT_EXTHDR_OP_TCPOPT);
  });
}

/** `[ reject type TYPE code CODE ]` */
export function reject(type: number, code?: number): Expression {
  return expression('reject', (w) => {
    w.numberAttribute(k.NFTA_REJECT_TYPE, type);
    if (code !== undefined) w.attribute(k.NFTA_REJECT_ICMP_CODE, (inner) => inner.u8(code));
  });
}

/** `[ cmp eq reg 1 BYTES ]`, or `neq` */
export function compare(bytes: ArrayLike<number>, operator = k.NFT_CMP_EQ): Expression {
  return expression('cmp', (w) => {
    w.numberAttribute(k.NFTA_CMP_SREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_CMP_OP, operator);
    value(w, k.NFTA_CMP_DATA, bytes);
  });
}

/** `[ bitwise reg 1 = ( reg 1 & MASK ) ^ 0 ]` */
export function mask(bytes: readonly number[]): Expression {
  return expression('bitwise', (w) => {
    w.numberAttribute(k.NFTA_BITWISE_SREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_BITWISE_DREG, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_BITWISE_LEN, bytes.length);
    value(w, k.NFTA_BITWISE_MASK, bytes);
    value(w, k.NFTA_BITWISE_XOR, new Uint8Array(bytes.length));
  });
}

/** `[ lookup reg 1 set NAME ]`, and with `into`: `dreg INTO` */
export function lookup(set: string, into?: number, flags = 0): Expression {
  return expression('lookup', (w) => {
    w.attribute(k.NFTA_LOOKUP_SET, (name) => name.text(set));
    w.numberAttribute(k.NFTA_LOOKUP_SREG, k.NFT_REG_1);
    if (into !== undefined) w.numberAttribute(k.NFTA_LOOKUP_DREG, into);
    w.numberAttribute(k.NFTA_LOOKUP_FLAGS, flags);
  });
}

/** `[ dynset add reg_key 1 set NAME expr [ connlimit count LIMIT flags 1 ] ]` */
export function countConnections(set: string, limit: number): Expression {
  return expression('dynset', (w) => {
    w.attribute(k.NFTA_DYNSET_SET_NAME, (name) => name.text(set));
    w.numberAttribute(k.NFTA_DYNSET_OP, k.NFT_DYNSET_OP_ADD);
    w.numberAttribute(k.NFTA_DYNSET_SREG_KEY, k.NFT_REG_1);
    w.nested(k.NFTA_DYNSET_EXPR, (nest) =>
      writeExpression(nest, 'connlimit', (data) => {
        data.numberAttribute(k.NFTA_CONNLIMIT_COUNT, limit);
        data.numberAttribute(k.NFTA_CONNLIMIT_FLAGS, k.NFT_CONNLIMIT_F_INV);
      }),
    );
  });
}

/** `[ dynset update reg_key 1 set NAME timeout MILLISECONDSms ]` */
export function updateElement(set: string, milliseconds: number): Expression {
  return expression('dynset', (w) => {
    w.attribute(k.NFTA_DYNSET_SET_NAME, (name) => name.text(set));
    w.numberAttribute(k.NFTA_DYNSET_OP, k.NFT_DYNSET_OP_UPDATE);
    w.numberAttribute(k.NFTA_DYNSET_SREG_KEY, k.NFT_REG_1);
    w.attribute(k.NFTA_DYNSET_TIMEOUT, (timeout) => timeout.u32be(0).u32be(milliseconds));
  });
}

/** `[ limit rate PER-SECOND/second burst PER-SECOND type packets flags OVER ]` */
export function limitPackets(perSecond: number, isOver: boolean): Expression {
  const SECOND = 1;
  return expression('limit', (w) => {
    w.attribute(k.NFTA_LIMIT_RATE, (rate) => rate.u32be(0).u32be(perSecond));
    w.attribute(k.NFTA_LIMIT_UNIT, (unit) => unit.u32be(0).u32be(SECOND));
    w.numberAttribute(k.NFTA_LIMIT_BURST, perSecond);
    w.numberAttribute(k.NFTA_LIMIT_TYPE, k.NFT_LIMIT_PKTS);
    w.numberAttribute(k.NFTA_LIMIT_FLAGS, isOver ? k.NFT_LIMIT_F_INV : 0);
  });
}

/** `[ counter pkts 0 bytes 0 ]`: without values, which are not part of what a rule is */
export function counter(): Expression {
  return expression('counter', () => undefined);
}

/** `[ immediate reg 1 BYTES ]` */
export function immediate(bytes: ArrayLike<number>): Expression {
  return expression('immediate', (w) => {
    w.numberAttribute(k.NFTA_IMMEDIATE_DREG, k.NFT_REG_1);
    value(w, k.NFTA_IMMEDIATE_DATA, bytes);
  });
}

/** `[ immediate reg 0 VERDICT ]` */
export function verdict(code: number): Expression {
  return expression('immediate', (w) => {
    w.numberAttribute(k.NFTA_IMMEDIATE_DREG, k.NFT_REG_VERDICT);
    w.nested(k.NFTA_IMMEDIATE_DATA, (data) =>
      data.nested(k.NFTA_DATA_VERDICT, (inner) => inner.numberAttribute(k.NFTA_VERDICT_CODE, code)),
    );
  });
}

export interface NatExpression {
  readonly type: number;
  readonly family: Family;
  /** Register of the port; absent: the port stays. The address is in register 1. */
  readonly portRegister?: number;
  /** In addition to those for the translated parts. */
  readonly flags?: number;
}

/** `[ nat TYPE FAMILY addr_min reg 1 proto_min reg PORT flags FLAGS ]` */
export function nat({ type, family, portRegister, flags = 0 }: NatExpression): Expression {
  const what = k.NF_NAT_RANGE_MAP_IPS | (portRegister === undefined ? 0 : k.NF_NAT_RANGE_PROTO_SPECIFIED);
  return expression('nat', (w) => {
    w.numberAttribute(k.NFTA_NAT_TYPE, type);
    w.numberAttribute(k.NFTA_NAT_FAMILY, nfproto(family));
    w.numberAttribute(k.NFTA_NAT_REG_ADDR_MIN, k.NFT_REG_1);
    w.numberAttribute(k.NFTA_NAT_REG_ADDR_MAX, k.NFT_REG_1);
    if (portRegister !== undefined) {
      w.numberAttribute(k.NFTA_NAT_REG_PROTO_MIN, portRegister);
      w.numberAttribute(k.NFTA_NAT_REG_PROTO_MAX, portRegister);
    }
    w.numberAttribute(k.NFTA_NAT_FLAGS, what | flags);
  });
}

/** `[ masq flags FLAGS ]` */
export function masquerade(flags: number): Expression {
  return expression('masq', (w) => w.numberAttribute(k.NFTA_MASQ_FLAGS, flags));
}

export function nfproto(family: Family): number {
  return family === 4 ? k.NFPROTO_IPV4 : k.NFPROTO_IPV6;
}

/** A number in a register: in host byte order. */
export function hostBytes(u32: number): readonly number[] {
  return [u32 & 0xff, (u32 >>> 8) & 0xff, (u32 >>> 16) & 0xff, u32 >>> 24];
}

/** IFNAMSIZ bytes: without the trailing zeros a name would be a prefix. */
export function interfaceBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name).subarray(0, 15));
  return bytes;
}
