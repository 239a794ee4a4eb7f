import { withoutUndefined } from '../input/collections';
import type { Field } from '../input/decoder';
import type { ClusterNetwork } from './cluster-network';
import { type LocatedResolver, readNameResolver } from './name-resolver';

/** The props of the cluster that say its networks. */
const HOLDERS = [
  ['pods', 'podCidrs'],
  ['Services', 'serviceCidrs'],
] as const;

/** How a router resolves names. */
export interface Names {
  /** Absent: it does not. */
  readonly resolver?: LocatedResolver;
  /** What it lacks, in words; absent: nothing. */
  readonly lacking?: string;
}

/**
 * Reads how a router resolves names. It puts addresses in force as a change of the rules, and has to know the cluster's
 * own: an answer there would lead a name back to the router's Service.
 */
export function readNames(
  mode: Field,
  isStandalone: boolean,
  liveRules: boolean,
  networks: readonly ClusterNetwork[] = [],
): Names {
  if (!isStandalone)
    return { lacking: "in operator mode nothing does, and the operator's plugin takes addresses alone" };
  const clusterCidrs = networks.map(({ cidr }) => cidr);
  const resolver = mode.member('resolver').optional((field) => readNameResolver(field, clusterCidrs));
  const unknown = HOLDERS.filter(([of]) => !networks.some(({ holders }) => holders === of)).map(([, prop]) => prop);
  const missing = [
    ...(liveRules ? [] : ['liveRules, which puts addresses in force (root with NET_ADMIN)']),
    ...(mode.member('resolver').isPresent ? [] : ['resolver, which names the DNS servers']),
    ...(unknown.length === 0 ? [] : [`${unknown.join(' and ')} of the cluster, where no answer may lead`]),
  ];
  return missing.length > 0 ? { lacking: `it has no ${missing.join(', no ')}` } : withoutUndefined({ resolver });
}
