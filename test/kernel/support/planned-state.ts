import type { Namespace } from '../lab/namespace';
import type { Node } from '../lab/node';
import type { Pod } from '../lab/pod';
import { networkState } from '../lab/state';
import { canonicalTable } from './canonical-table';
import { eventually } from './eventually';

/**
 * What a router's pod holds, but for what is each pod's own: its addresses on the cluster's network, and the numbers of
 * marks.
 */
export function routerState({ namespace, ipv4, ipv6 }: Pod): Record<string, readonly string[]> {
  const eth0 = namespace.ip<{ address: string }>('link', 'show', 'dev', 'eth0')[0]!.address;
  const own = (line: string) =>
    [ipv4, ipv6, eth0].reduce((text, word, index) => text.replaceAll(word, ['POD4', 'POD6', 'MAC'][index]!), line);
  const { table: _, ...state } = networkState(namespace);
  const lines = Object.entries(state).map(([kind, all]: [string, readonly string[]]) => [
    kind,
    all.filter((line) => !/\blan0/.test(line)).map(own),
  ]);
  return { ...Object.fromEntries(lines), table: canonicalTable(namespace) };
}

/** What `plan`'s script makes in an empty pod of the node. */
export async function scriptedState(
  node: Node,
  name: string,
  script: string,
): Promise<Record<string, readonly string[]>> {
  const pod = node.addPod(name, { ipv4: '10.244.0.200', ipv6: 'fd00:10:244::200' });
  addParent(pod.namespace);
  try {
    const { status, stderr } = pod.namespace.try(['env', 'PARENT=lan0', 'sh'], script);
    if (status !== 0) throw new Error(`${stderr}\n${script}`);
    await untilComplete(pod.namespace);
    return routerState(pod);
  } finally {
    removePod(pod);
  }
}

/** The kernel makes the route to an IPv6 address of its own a moment after the address. */
async function untilComplete(namespace: Namespace): Promise<void> {
  const [link] = namespace.ip<{ addr_info: { local: string }[] }>('-6', 'address', 'show', 'dev', 'net1');
  await eventually(() => {
    const routes = namespace.ip<{ dst: string }>('-6', 'route', 'show', 'table', 'local').map(({ dst }) => dst);
    expect(routes).toEqual(expect.arrayContaining((link?.addr_info ?? []).map(({ local }) => local)));
  }, 10_000);
}

/**
 * With its cable, as the cluster's plugin does: the kernel takes its time to end a namespace, and answers and holds the
 * address until then.
 */
export function removePod({ namespace }: Pod): void {
  namespace.batch('link delete eth0');
  namespace[Symbol.dispose]();
}

/** An interface that leads nowhere. */
function addParent(namespace: Namespace): void {
  namespace.batch('link add lan0 type veth peer name lan0end', 'link set lan0end up', 'link set lan0 up');
}
