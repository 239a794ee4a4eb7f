/**
 * Run by bun within a network namespace: `create`, `differences`, `comment` or `delete`, with a table as JSON on
 * standard input. Prints one line of JSON.
 */

import { readFileSync } from 'node:fs';
import { NetlinkError } from '../../../cni/netlink/netlink-error';
import { createTable, deleteTable, readTable, readTableComment } from '../../../cni/netlink/nftables/table';
import { tableDifferences } from '../../../cni/netlink/nftables/table-differences';
import { NETLINK_NETFILTER, NetlinkSocket } from '../../../cni/netlink/socket';
import type { NftTable } from '../../../src/domain/data-plane/nft-table';

const VERBS: Readonly<Record<string, (socket: NetlinkSocket, table: NftTable) => unknown>> = {
  create: (socket, table) => socket.transaction(createTable(table), `nft create table inet ${table.name}`),
  delete: (socket, table) => socket.transaction(deleteTable(table.name), `nft delete table inet ${table.name}`),
  comment: (socket, table) => readTableComment(socket, table.name),
  differences: (socket, table) => tableDifferences(table, readTable(socket, table.name)),
};

function main(): void {
  const table = JSON.parse(readFileSync(0, 'utf8')) as NftTable;
  using socket = NetlinkSocket.open(NETLINK_NETFILTER, 'nft');
  const start = performance.now();
  const answer = attempt(() => VERBS[process.argv[2]!]!(socket, table));
  console.log(JSON.stringify({ ...answer, milliseconds: performance.now() - start }));
}

function attempt(verb: () => unknown): { readonly result?: unknown; readonly error?: string } {
  try {
    return { result: verb() };
  } catch (error) {
    if (error instanceof NetlinkError) return { error: error.message };
    throw error;
  }
}

main();
