import { isDeepStrictEqual } from 'node:util';
import { resolvedHosts } from '../../src/domain/router/name-resolver';
import { count } from '../count';
import type { Inventory, Router } from '../input/router';
import { changeLines } from './change-lines';
import { deploymentNotes } from './deployment-notes';
import { identities, identityText } from './identity';
import type { RouterChange, RouterChanges } from './router-change';
import { routerCost } from './router-cost';
import { changeNotes, takeoverNotes } from './router-notes';

/** Compares the routers of two inputs: what changes, and at what cost. */
export function compareRouters(before: Inventory, after: Inventory): RouterChanges {
  const old = new Map(before.routers.map((router) => [router.name, router]));
  const now = new Map(after.routers.map((router) => [router.name, router]));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changes = names.flatMap((name) => compareRouter(old.get(name), now.get(name), before) ?? []);
  return { changes, unchanged: names.length - changes.length };
}

function compareRouter(old: Router | undefined, now: Router | undefined, before: Inventory): RouterChange | undefined {
  if (old === undefined) return added(now!, before);
  if (now === undefined) return removed(old);
  const differences = changeLines(old, now);
  if (differences.length === 0) return undefined;
  const cost = routerCost(old, now);
  const identity = { before: identities(old), after: identities(now) };
  const isSame = isDeepStrictEqual(identity.before, identity.after);
  return {
    router: now.name,
    kind: 'changed',
    cost,
    differences,
    notes: [...changeNotes(old, now, cost), ...deploymentNotes(old, now), ...takeoverNotes(now, before, old)],
    ...(isSame ? {} : { identity }),
  };
}

function added(router: Router, before: Inventory): RouterChange {
  const after = identities(router);
  const { rules, fallbacks } = router.config;
  const resolved = resolvedHosts(router.config).flatMap(({ ports }) => ports);
  const numberOfRules = rules.length + resolved.length + fallbacks.length;
  return {
    router: router.name,
    kind: 'added',
    cost: 'nothing',
    differences: [`+ ${after.map(identityText).join(', ')}`, `+ ${count(numberOfRules, 'rule')}`],
    notes: takeoverNotes(router, before),
    identity: { before: [], after },
  };
}

function removed(router: Router): RouterChange {
  const before = identities(router);
  return {
    router: router.name,
    kind: 'removed',
    cost: 'nothing',
    differences: [`- ${before.map(identityText).join(', ')}`],
    notes: ['its connections end; its objects stay in the cluster until they are pruned or deleted'],
    identity: { before, after: [] },
  };
}
