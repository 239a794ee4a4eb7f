import type { Namespace } from '../lab/namespace';

/** A port of resolved hosts in the kernel's table. */
export interface PortState {
  /** The address of each bucket, from the first. */
  readonly buckets: readonly string[];
  /** All destinations whose packets pass. */
  readonly targets: readonly string[];
}

interface PortKey {
  readonly concat: readonly [protocol: string, port: number];
}

interface Element {
  readonly concat: readonly [protocol: string, port: number, mark: number];
}

/** What `nft` says of a port; without destinations both lists are empty. */
export function portState(namespace: Namespace, family: 4 | 6, protocol: string, port: number): PortState {
  const isOwn = ([{ concat }]: readonly [Element, unknown]) => concat[0] === protocol && concat[1] === port;
  const targets = new Map(
    elementsOf<{ readonly concat: readonly [address: string, port: number] }>(namespace, `targets${family}`)
      .filter(isOwn)
      .map(([{ concat }, value]) => [concat[2], value.concat[0]]),
  );
  const buckets = elementsOf<number>(namespace, `buckets${family}`)
    .filter(isOwn)
    .sort(([one], [other]) => one.concat[2] - other.concat[2]);
  return {
    buckets: buckets.map(([, mark]) => targets.get(mark) ?? `mark ${mark}, which leads nowhere`),
    targets: [...targets.values()].sort(),
  };
}

/** The name of the host that each port has in the kernel's table. */
export function namesOfPorts(namespace: Namespace, family: 4 | 6): Record<string, string | undefined> {
  const elements = listed(namespace, 'set', `spread${family}`).map((each) => {
    const { val, comment } = (each as { elem?: { val: PortKey; comment?: string } }).elem ?? { val: each as PortKey };
    return [val.concat.join(' '), comment] as const;
  });
  return Object.fromEntries(elements);
}

/** The marks that pass in each direction. */
export function admittedMarks(namespace: Namespace): readonly (readonly number[])[] {
  return ['sent', 'received'].map((name) => {
    const elements = listed(namespace, 'set', name) as (number | { elem: { val: number } })[];
    return elements.map((each) => (typeof each === 'number' ? each : each.elem.val)).sort((one, other) => one - other);
  });
}

function elementsOf<V>(namespace: Namespace, map: string): (readonly [Element, V])[] {
  return listed(namespace, 'map', map).map((each) => {
    const [key, value] = each as [Element | { readonly elem: { readonly val: Element } }, V];
    return ['elem' in key ? key.elem.val : key, value];
  });
}

function listed(namespace: Namespace, kind: 'map' | 'set', name: string): readonly unknown[] {
  const text = namespace.run('nft', '--json', 'list', kind, 'inet', 'egress_router', name);
  const { nftables } = JSON.parse(text) as { nftables: Record<string, { elem?: unknown[] }>[] };
  return nftables.flatMap((each) => each[kind]?.elem ?? []);
}
