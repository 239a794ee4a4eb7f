import type { NftTable } from '../../../src/domain/data-plane/nft-table';
import type { ByteReader } from '../byte-reader';
import type { ByteWriter } from '../byte-writer';
import { type Message, NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import * as k from './constants';
import { ATTRIBUTES, nftRequest, TABLE_FAMILIES } from './nft-message';

/** A table without its content. */
export interface TableHeader {
  readonly name: string;
  readonly comment?: string;
  /** Its chains exist and see no packet: `flags dormant`. */
  readonly isDormant: boolean;
}

/** The type of a comment in the user data that the kernel stores for `nft`. */
const NFTNL_UDATA_TABLE_COMMENT = 0;

/** `nft create table inet NAME { comment "COMMENT"; }` */
export function addTable(
  { name, comment, isOwned }: Pick<NftTable, 'name' | 'comment' | 'isOwned'>,
  family = k.NFPROTO_INET,
): Request {
  const operation = `nft create table ${TABLE_FAMILIES[family]} ${name}`;
  const write = (writer: ByteWriter) => {
    const text = utf8.encode(`${comment}\0`);
    writer
      .attribute(k.NFTA_TABLE_NAME, (w) => w.text(name))
      .numberAttribute(k.NFTA_TABLE_FLAGS, isOwned === true ? k.NFT_TABLE_F_OWNER : 0)
      .attribute(k.NFTA_TABLE_USERDATA, (w) => w.u8(NFTNL_UDATA_TABLE_COMMENT).u8(text.length).raw(text));
  };
  return nftRequest(k.NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, operation, write, family);
}

/** `nft delete table inet NAME` */
export function removeTable(name: string, family = k.NFPROTO_INET): Request {
  const operation = `nft delete table ${TABLE_FAMILIES[family]} ${name}`;
  return nftRequest(k.NFT_MSG_DELTABLE, 0, operation, (writer) => writeName(writer, name), family);
}

/** `nft list tables`, for one table */
export function getTable(name: string, family = k.NFPROTO_INET): Request {
  const operation = `nft list table ${TABLE_FAMILIES[family]} ${name}`;
  return nftRequest(k.NFT_MSG_GETTABLE, 0, operation, (writer) => writeName(writer, name), family);
}

function writeName(writer: ByteWriter, name: string): void {
  writer.attribute(k.NFTA_TABLE_NAME, (w) => w.text(name));
}

export function decodeTableHeader({ payload }: Pick<Message, 'payload'>): TableHeader {
  const attributes = payload.attributeMap(ATTRIBUTES);
  const flags = attributes.get(k.NFTA_TABLE_FLAGS)?.u32be() ?? 0;
  return {
    name: attributes.get(k.NFTA_TABLE_NAME)?.text() ?? '',
    comment: decodeComment(attributes.get(k.NFTA_TABLE_USERDATA)),
    isDormant: (flags & k.NFT_TABLE_F_DORMANT) !== 0,
  };
}

/** Entries of type, length and value, one byte each for the first two. Other programs may store any bytes there. */
function decodeComment(userdata: ByteReader | undefined): string | undefined {
  if (userdata === undefined) return undefined;
  for (let at = 0; at + 2 <= userdata.length; at += 2 + userdata.u8(at + 1)) {
    const end = at + 2 + userdata.u8(at + 1);
    if (userdata.u8(at) === NFTNL_UDATA_TABLE_COMMENT && end <= userdata.length) {
      return userdata.slice(at + 2, end).text();
    }
  }
  return undefined;
}

const utf8 = new TextEncoder();
