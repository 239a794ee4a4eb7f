import type { NftTimedSet } from '../../../src/domain/data-plane/nft-table';
import { NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import { batch, nftRequest } from './nft-message';

/**
 * `nft flush set inet TABLE NAME; nft add element inet TABLE NAME { PROTOCOL timeout TIME, … }`: the time of elements
 * that are there begins anew.
 *
 * @param protocols their numbers
 */
export function putTimedProtocols(
  table: string,
  { name }: NftTimedSet,
  protocols: readonly number[],
  milliseconds: number,
): Request[] {
  const operation = `nft add element inet ${table} ${name}`;
  return batch(operation, [
    // Without elements: all of them.
    nftRequest(k.NFT_MSG_DELSETELEM, 0, `nft flush set inet ${table} ${name}`, (writer) =>
      writer
        .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(table))
        .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(name)),
    ),
    nftRequest(k.NFT_MSG_NEWSETELEM, NLM_F_CREATE, operation, (writer) =>
      writer
        .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(table))
        .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(name))
        .nested(k.NFTA_SET_ELEM_LIST_ELEMENTS, (list) => {
          for (const protocol of protocols) {
            list.nested(k.NFTA_LIST_ELEM, (element) =>
              element
                .nested(k.NFTA_SET_ELEM_KEY, (key) => key.attribute(k.NFTA_DATA_VALUE, (w) => w.u8(protocol)))
                .attribute(k.NFTA_SET_ELEM_TIMEOUT, (w) => w.u32be(0).u32be(milliseconds)),
            );
          }
        }),
    ),
  ]);
}
