import { nftSetCapacity } from '../../../src/domain/data-plane/nft-set-capacity';
import type { NftMap, NftSet } from '../../../src/domain/data-plane/nft-table';
import { nftMarkText } from '../../../src/domain/data-plane/nft-table-text';
import { type Family, fromBytes } from '../../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS, PROTOCOLS } from '../../../src/domain/values/protocol';
import type { ByteReader } from '../byte-reader';
import type { ByteWriter } from '../byte-writer';
import { type Message, NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import { writeExpression } from './expression';
import { ATTRIBUTES, nftRequest } from './nft-message';

/** What `nft` prints as `type KEY : DATA`. */
export interface SetType {
  /** Bits of `enum nft_set_flags`. */
  readonly flags: number;
  /** Number of `nft` for the type; the kernel stores it without using it. */
  readonly keyType: number;
  /** Bytes. */
  readonly keyLength: number;
  /** Of a map: its values. */
  readonly dataType?: number;
  /** In bytes; absent if the values are verdicts, which have an attribute of their own. */
  readonly dataLength?: number;
  readonly counter: boolean;
}

/** A map or a set in the kernel, without elements. */
export interface SetHeader extends SetType {
  readonly name: string;
  /** Whether it belongs to one rule, and is deleted with it. */
  readonly isAnonymous: boolean;
}

/** Numbers that `nft` has for its types (`enum datatypes`); a concatenation has six bits a field. */
const TYPE = { ipv4_addr: 7, ipv6_addr: 8, inet_proto: 12, inet_service: 13, mark: 19 } as const;
type TypeName = keyof typeof TYPE;
const FIELD_MASK = 0x3f;

/** The kernel's type of a map whose values are verdicts. */
const NFT_DATA_VERDICT = 0xffffff00;

/** Bytes of a register that a field fills. */
const FIELD_BYTES: Readonly<Record<TypeName, number>> = {
  ipv4_addr: 4,
  ipv6_addr: 16,
  inet_proto: 4,
  inet_service: 4,
  mark: 4,
};

const PORT_KEY: readonly TypeName[] = ['inet_proto', 'inet_service'];

export function setType(set: NftMap | NftSet): SetType {
  if (set.kind === 'marks') return { flags: 0, ...keyOf(['mark']), counter: set.counter };
  if (set.kind === 'ports') return { flags: 0, ...keyOf(PORT_KEY), counter: false };
  if (set.kind === 'services') {
    return { flags: 0, ...keyOf(['inet_proto', addressType(set), 'inet_service']), counter: false };
  }
  if (set.kind === 'clients') {
    const host = addressType(set);
    return { flags: k.NFT_SET_EVAL, ...keyOf([host, 'inet_proto', host, 'inet_service']), counter: false };
  }
  if (set.kind === 'addresses') return { flags: 0, ...keyOf([addressType(set)]), counter: false };
  if (set.kind === 'sources') return { flags: k.NFT_SET_EVAL, ...keyOf([addressType(set)]), counter: false };
  // One octet: only the fields of a concatenation fill a register each.
  if (set.kind === 'timed-protocols') {
    return { flags: k.NFT_SET_TIMEOUT, keyType: TYPE.inet_proto, keyLength: 1, counter: false };
  }
  if (set.kind === 'mark') return { flags: k.NFT_SET_MAP, ...keyOf(PORT_KEY), ...dataOf(['mark']), counter: false };
  if (set.kind === 'bucket') {
    return { flags: k.NFT_SET_MAP, ...keyOf([...PORT_KEY, 'mark']), ...dataOf(['mark']), counter: false };
  }
  if (set.kind === 'service-target') {
    const host = addressType(set);
    const data = dataOf([host, 'inet_service']);
    return { flags: k.NFT_SET_MAP, ...keyOf([host, ...PORT_KEY]), ...data, counter: false };
  }
  const key = set.kind === 'target' ? PORT_KEY : ([...PORT_KEY, 'mark'] as const);
  const target = [addressType(set), 'inet_service'] as const;
  return { flags: k.NFT_SET_MAP, ...keyOf(key), ...dataOf(target), counter: set.counter };
}

function addressType({ family }: { readonly family: Family }): TypeName {
  return family === 4 ? 'ipv4_addr' : 'ipv6_addr';
}

const keyOf = (fields: readonly TypeName[]) => ({ keyType: typeNumber(fields), keyLength: typeLength(fields) });
const dataOf = (fields: readonly TypeName[]) => ({ dataType: typeNumber(fields), dataLength: typeLength(fields) });

function typeNumber(fields: readonly TypeName[]): number {
  return fields.reduce((number, field) => (number << 6) | TYPE[field], 0);
}

function typeLength(fields: readonly TypeName[]): number {
  return fields.reduce((length, field) => length + FIELD_BYTES[field], 0);
}

/** What `nft` calls it. */
export function setWord({ flags }: Pick<SetType, 'flags'>): 'map' | 'set' {
  return (flags & k.NFT_SET_MAP) === 0 ? 'set' : 'map';
}

/** Such as `type inet_proto . inet_service : mark`. */
export function setTypeText({ keyType, dataType }: SetType): string {
  return `type ${typeText(keyType)}${dataType === undefined ? '' : ` : ${typeText(dataType)}`}`;
}

function typeText(number: number): string {
  if (number === NFT_DATA_VERDICT) return 'verdict';
  return fieldsOf(number)
    .map((field) => (typeof field === 'number' ? `type ${field}` : field))
    .join(' . ');
}

/** The fields of a type, from left to right; a number for one that is not known here. */
function fieldsOf(number: number): (TypeName | number)[] {
  const fields: (TypeName | number)[] = [];
  for (let rest = number; rest > 0; rest >>= 6) {
    const name = (Object.keys(TYPE) as TypeName[]).find((each) => TYPE[each] === (rest & FIELD_MASK));
    fields.unshift(name ?? rest & FIELD_MASK);
  }
  return fields;
}

/** A key or a value of that type as `nft` prints it. */
export function valueText(type: number, value: ByteReader): string {
  let at = 0;
  const texts = fieldsOf(type).map((field) => {
    if (typeof field === 'number') return '?';
    const text = FIELD_TEXTS[field](value.slice(at, at + FIELD_BYTES[field]));
    at += FIELD_BYTES[field];
    return text;
  });
  return texts.join(' . ');
}

const addressText = ({ bytes }: ByteReader) => fromBytes([...bytes]).text;

const FIELD_TEXTS: Readonly<Record<TypeName, (field: ByteReader) => string>> = {
  ipv4_addr: addressText,
  ipv6_addr: addressText,
  inet_proto: (field) => {
    const number = field.u32();
    return PROTOCOLS.find((name) => PROTOCOL_NUMBERS[name] === number)?.toLowerCase() ?? String(number);
  },
  inet_service: (field) => String(field.u16be()),
  mark: (field) => nftMarkText(field.u32()),
};

/**
 * `nft add map inet TABLE NAME { type KEY : DATA; size SIZE; counter; }`, or `nft add set …`
 *
 * @param id identifies it within the batch
 */
export function addSet(table: string, set: NftMap | NftSet, id: number): Request {
  const type = setType(set);
  const operation = `nft add ${setWord(type)} inet ${table} ${set.name}`;
  return nftRequest(k.NFT_MSG_NEWSET, NLM_F_CREATE, operation, (writer) => {
    writer
      .attribute(k.NFTA_SET_TABLE, (w) => w.text(table))
      .attribute(k.NFTA_SET_NAME, (w) => w.text(set.name))
      .numberAttribute(k.NFTA_SET_FLAGS, type.flags)
      .numberAttribute(k.NFTA_SET_ID, id)
      .nested(k.NFTA_SET_DESC, (nest) => nest.numberAttribute(k.NFTA_SET_DESC_SIZE, nftSetCapacity(set)));
    writeType(writer, type);
  });
}

function writeType(writer: ByteWriter, type: SetType): void {
  const { keyType, keyLength, dataType, dataLength } = type;
  writer.numberAttribute(k.NFTA_SET_KEY_TYPE, keyType).numberAttribute(k.NFTA_SET_KEY_LEN, keyLength);
  if (dataType !== undefined && dataLength !== undefined) {
    writer.numberAttribute(k.NFTA_SET_DATA_TYPE, dataType).numberAttribute(k.NFTA_SET_DATA_LEN, dataLength);
  }
  writer.attribute(k.NFTA_SET_USERDATA, (w) => writeByteOrders(w, type));
  if (type.counter) writer.nested(k.NFTA_SET_EXPR, (w) => writeExpression(w, 'counter'));
}

/**
 * Tells `nft list` that marks are in host byte order, and addresses in the network's, which the types do not say.
 * Otherwise it would swap their bytes. A concatenation has none, nor has an octet.
 */
function writeByteOrders(writer: ByteWriter, { keyType, dataType }: SetType): void {
  writer.u8(NFTNL_UDATA_SET_KEYBYTEORDER).u8(4).u32(order(keyType));
  if (dataType !== undefined) writer.u8(NFTNL_UDATA_SET_DATABYTEORDER).u8(4).u32(order(dataType));
}

function order(type: number): number {
  if (type === TYPE.mark) return BYTEORDER_HOST_ENDIAN;
  return type > FIELD_MASK || type === TYPE.inet_proto ? BYTEORDER_INVALID : BYTEORDER_BIG_ENDIAN;
}

/** Numbers of libnftnl and `nft` for the user data of a set. */
const NFTNL_UDATA_SET_KEYBYTEORDER = 0;
const NFTNL_UDATA_SET_DATABYTEORDER = 1;
const BYTEORDER_INVALID = 0;
const BYTEORDER_HOST_ENDIAN = 1;
const BYTEORDER_BIG_ENDIAN = 2;

/** `nft delete map inet TABLE NAME`, or `nft delete set …`, with its elements */
export function deleteSet(table: string, set: NftMap | NftSet): Request {
  const operation = `nft delete ${setWord(setType(set))} inet ${table} ${set.name}`;
  return nftRequest(k.NFT_MSG_DELSET, 0, operation, (writer) =>
    writer.attribute(k.NFTA_SET_TABLE, (w) => w.text(table)).attribute(k.NFTA_SET_NAME, (w) => w.text(set.name)),
  );
}

/** `nft list sets inet`, of one table */
export function listSets(table: string): Request {
  return nftRequest(k.NFT_MSG_GETSET, 0, `nft list sets table inet ${table}`, (writer) =>
    writer.attribute(k.NFTA_SET_TABLE, (w) => w.text(table)),
  );
}

export function decodeSet({ payload }: Pick<Message, 'payload'>): SetHeader {
  const attributes = payload.attributeMap(ATTRIBUTES);
  const number = (type: number) => attributes.get(type)?.u32be();
  const flags = number(k.NFTA_SET_FLAGS) ?? 0;
  const dataType = number(k.NFTA_SET_DATA_TYPE);
  return {
    name: attributes.get(k.NFTA_SET_NAME)?.text() ?? '',
    isAnonymous: (flags & k.NFT_SET_ANONYMOUS) !== 0,
    flags,
    keyType: number(k.NFTA_SET_KEY_TYPE) ?? 0,
    keyLength: number(k.NFTA_SET_KEY_LEN) ?? 0,
    dataType,
    dataLength: dataType === NFT_DATA_VERDICT ? undefined : number(k.NFTA_SET_DATA_LEN),
    counter: attributes.get(k.NFTA_SET_EXPR)?.attributeMap().get(k.NFTA_EXPR_NAME)?.text() === 'counter',
  };
}
