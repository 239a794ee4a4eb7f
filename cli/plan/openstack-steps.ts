import { isDeepStrictEqual } from 'node:util';
import type { Identity } from './identity';
import type { RouterChanges } from './router-change';

/** Commands for the cloud, before and after a change is applied. */
export interface OpenStackSteps {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * The OpenStack commands for each node's port. Both address pairs are allowed in between, so that the old pod works
 * until the new one does.
 */
export function openStackSteps({ changes }: RouterChanges): OpenStackSteps {
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

/** A router of the operator has no pair: its MAC address is unknown before it starts. */
function without(pairs: readonly Identity[], others: readonly Identity[]): Identity[] {
  return pairs.filter((pair) => pair.mac !== undefined && !others.some((other) => isDeepStrictEqual(pair, other)));
}

/** Nodes have a port for each network. */
function pairText({ address, mac, parent }: Identity): string {
  return `ip-address=${address},mac-address=${mac} PORT${parent === undefined ? '' : `   # that of ${parent}`}`;
}
