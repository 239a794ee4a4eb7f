import { isDeepStrictEqual } from 'node:util';
import type { Identity } from './identity';
import type { Plan } from './router-change';

/** What a cloud has to be told, and when. */
export interface IdentitySteps {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * The commands that OpenStack's Neutron needs before the change is applied and after it, for each node's port. Both pairs are there
 * in between, so that the old pod works until the new one does.
 */
export function openStackSteps({ changes }: Plan): IdentitySteps {
  const identities = changes.flatMap(({ identity }) => identity ?? []);
  const before = identities.flatMap((change) => change.before);
  const after = identities.flatMap((change) => change.after);
  // Of all routers together: one that is renamed keeps its pair.
  const [added, removed] = [without(after, before), without(before, after)];
  return {
    before: added.map((pair) => `openstack port set --allowed-address ${pairText(pair)}`),
    after: removed.map((pair) => `openstack port unset --allowed-address ${pairText(pair)}`),
  };
}

/** A router of the operator has no pair: nobody knows its MAC address before it starts. */
function without(pairs: readonly Identity[], others: readonly Identity[]): Identity[] {
  return pairs.filter((pair) => pair.mac !== undefined && !others.some((other) => isDeepStrictEqual(pair, other)));
}

/** Nodes have a port for each network. */
function pairText({ address, mac, parent }: Identity): string {
  return `ip-address=${address},mac-address=${mac} PORT${parent === undefined ? '' : `   # that of ${parent}`}`;
}
