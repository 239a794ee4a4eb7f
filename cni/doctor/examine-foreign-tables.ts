import { readFileSync } from 'node:fs';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { printableText } from '../../src/domain/input/printable-text';
import { EINVAL, EPERM } from '../ffi/errno';
import { hasErrno } from '../netlink/netlink-error';
import { type EffectiveTable, listEffectiveTables } from '../netlink/nftables/ruleset';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket';
import { type Examination, found, PARTS, together, unseen } from './examination';
import { listTableCommand } from './shell-command';
import type { Subject } from './subject';

const OURS = `inet ${TABLE_NAME}`;

/**
 * Whether the pod has other tables that can drop or change forwarded packets: of a service mesh, of policies, or made
 * by hand. It cannot decide whether they do; tables that only count or log are ignored.
 */
export function examineForeignTables(subject: Subject): Examination {
  const tables = effectiveTables(subject);
  if (tables === 'forbidden') return unseen(PARTS.foreign, 'NET_ADMIN');
  return together([olderTables(subject), ofNftables(tables.filter(({ name }) => name !== OURS))]);
}

function effectiveTables({ pod }: Subject): readonly EffectiveTable[] | 'forbidden' {
  try {
    using socket = pod.run(() => NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket'));
    return listEffectiveTables(socket);
  } catch (error) {
    if (hasErrno(error, EPERM)) return 'forbidden';
    // A kernel without nf_tables; another part reports that our table is missing.
    if (hasErrno(error, EINVAL)) return [];
    throw error;
  }
}

function ofNftables(tables: readonly EffectiveTable[]): Examination {
  if (tables.length === 0) return found();
  // A name may have line breaks.
  const names = tables.map(({ name }) => printableText(name));
  return found({
    id: 'foreign-table',
    problem: `Also in this pod: ${names.map((name) => `table ${name}`).join(', ')}, with rules that can drop or change packets.`,
    details: tables.flatMap(({ name, chains }) =>
      chains.map((chain) =>
        printableText(`table ${name}: chain ${chain.name}, hook ${chain.hook}, priority ${chain.priority}`),
      ),
    ),
    explanation:
      'They also see every packet that the router forwards. A service mesh, a network policy or an administrator added them: a router does not need them.',
    commands: [...new Set(names.map(listTableCommand))],
  });
}

/** Legacy iptables is not visible in nf_tables. */
function olderTables({ pod }: Subject): Examination {
  const names = pod.run(() =>
    ['ip', 'ip6'].flatMap((family) => namesOf(`/proc/thread-self/net/${family}_tables_names`)),
  );
  if (names.length === 0) return found();
  return unseen(
    `rules of legacy iptables (${[...new Set(names)].join(', ')})`,
    "iptables-legacy-save in the pod's network namespace",
  );
}

function namesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((name) => name !== '');
  } catch {
    // The kernel has no iptables, or does not allow this process to read them.
    return [];
  }
}
