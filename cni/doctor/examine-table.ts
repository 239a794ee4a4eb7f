import type { MarkedRules } from '../../src/domain/data-plane/marked-rules';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { expectedTable, markedRules } from '../data-plane/rules-in-force';
import { EPERM } from '../ffi/errno';
import { hasErrno } from '../netlink/netlink-error';
import { type ObservedTable, readTable } from '../netlink/nftables/table';
import { tableDifferences } from '../netlink/nftables/table-differences';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { type Examination, found, PARTS, unseen } from './examination';
import { shellCommand } from './shell-command';
import { restartCommand, type Subject } from './subject';

/** The router's table in the kernel, and its rules. */
export interface TableInForce {
  readonly table: ObservedTable | undefined;
  readonly marked: MarkedRules;
}

/** Nothing without permission. */
export function tableInForce({ pod }: Subject): TableInForce | undefined {
  try {
    using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket'));
    const table = readTable(socket, TABLE_NAME);
    return { table, marked: markedRules(table) };
  } catch (error) {
    if (hasErrno(error, EPERM)) return undefined;
    throw error;
  }
}

/**
 * Whether the table is as expected, compared like CHECK does: except for the marks, which live changes assign anew.
 */
export function examineTable(subject: Subject, inForce: TableInForce | undefined): Examination {
  if (inForce === undefined) return unseen(PARTS.table, 'NET_ADMIN');
  const { config, plane, knowsRules } = subject;
  // If its rules are unknown, the kernel's are taken as the wanted ones, as for live rules.
  const wanted = { ...config, options: { ...config.options, liveRules: !knowsRules } };
  const interfaces = { link: plane.link.name, primary: plane.primaryInterface };
  const details = tableDifferences(expectedTable(wanted, interfaces, inForce.table), inForce.table);
  if (details.length === 0) return found();
  return found({
    id: 'table',
    problem: "The nf_tables table differs from this router's.",
    details,
    explanation:
      'Clients of missing rules are rejected; unexpected rules may admit others. An administrator or another program in the pod changed it.',
    commands: [
      shellCommand`nft list table inet ${TABLE_NAME}   # in the pod's network namespace`,
      restartCommand(subject),
    ],
  });
}
