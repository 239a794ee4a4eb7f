import { isDeepStrictEqual } from 'node:util';
import { member } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { configChanges, redirectRuleChanges } from './config-changes';
import { configInForce, liveRulesProblem } from './config-in-force';
import { identities } from './identity';
import type { Cost } from './router-change';

/** The cost of a change: Kubernetes replaces a Deployment's pod when its template changes. */
export function routerCost(old: Router, now: Router): Cost {
  if (old.mode !== 'standalone' || now.mode !== 'standalone') return costOfOthersPod(old, now);
  if (isOtherPod(old, now)) return macOf(old) === macOf(now) ? 'pod restart' : 'new MAC';
  return isLiveChange(old, now) ? 'live change' : 'nothing';
}

/** Whether the change ends the pod without a successor. */
export function endsPod(old: Router, now: Router): boolean {
  return replicas(now) === 0 && replicas(old) !== 0;
}

/** Whether another Deployment owns the pod after the change. The old one stays until it is deleted. */
export function isOtherDeployment({ objects: old }: Router, { objects: now }: Router): boolean {
  return old.deployment?.metadata.name !== now.deployment?.metadata.name;
}

/** Whether the pod's template changes. */
export function isOtherTemplate(old: Router, now: Router): boolean {
  return !isDeepStrictEqual(template(old), template(now));
}

/** Whether Kubernetes ignores changes of the pod's template. */
export function isPaused({ objects }: Router): boolean {
  return member(objects.deployment?.body, 'spec', 'paused') === true;
}

function isOtherPod(old: Router, now: Router): boolean {
  return (isOtherTemplate(old, now) && !isPaused(now)) || endsPod(old, now) || isOtherDeployment(old, now);
}

/**
 * The process in the pod compares rules by port, so their order does not matter. It applies nothing of an invalid file.
 */
function isLiveChange(old: Router, now: Router): boolean {
  const [before, after] = [configInForce(old, now), configInForce(now, old)];
  if (now.objects.configMap === undefined || liveRulesProblem(now) !== undefined) return false;
  if (before === old.config && after === now.config) return false;
  return redirectRuleChanges(before, after).length > 0;
}

/** A pod outside of the manifests must be restarted for the plugin to read a new configuration. */
function costOfOthersPod(old: Router, now: Router): Cost {
  if (macOf(old) !== macOf(now)) return 'new MAC';
  if (old.mode !== now.mode) return 'pod restart';
  if (configChanges(readByPlugin(old), readByPlugin(now)).length === 0) return 'nothing';
  // The operator's plugin draws a MAC address at every start.
  return now.mode === 'operator' ? 'new MAC' : 'pod restart';
}

/** Without the fallback, which the operator accepts but its plugin does not read. */
function readByPlugin(router: Router): Router {
  return router.mode === 'operator' ? { ...router, config: { ...router.config, fallbacks: [] } } : router;
}

const macOf = (router: Router) => identities(router)[0]?.mac;
const template = ({ objects }: Router) => member(objects.deployment?.body, 'spec', 'template');
const replicas = ({ objects }: Router) => member(objects.deployment?.body, 'spec', 'replicas');
