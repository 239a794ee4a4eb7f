import { isDeepStrictEqual } from 'node:util';
import type { Identity, Plan } from './router-change';

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
  const added = identities.flatMap(({ before, after }) => without(after, before));
  const removed = identities.flatMap(({ before, after }) => without(before, after));
  return {
    before: added.map((pair) => `openstack port set --allowed-address ${pairText(pair)} PORT`),
    after: removed.map((pair) => `openstack port unset --allowed-address ${pairText(pair)} PORT`),
  };
}

/** A router of the operator has no pair: nobody knows its MAC address before it starts. */
function without(pairs: readonly Identity[], others: readonly Identity[]): Identity[] {
  return pairs.filter((pair) => pair.mac !== undefined && !others.some((other) => isDeepStrictEqual(pair, other)));
}

function pairText({ address, mac }: Identity): string {
  return `ip-address=${address},mac-address=${mac}`;
}
