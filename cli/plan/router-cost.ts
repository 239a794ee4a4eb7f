import { isDeepStrictEqual } from 'node:util';
import { member } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { configDifferences, ORDER_OF_RULES } from './config-differences';
import { identities } from './identity';
import type { Cost } from './router-change';

/** What a change costs, by Kubernetes' own rule: a Deployment's pod is replaced when its template changes. */
export function routerCost(old: Router, now: Router): Cost {
  if (macOf(old) !== macOf(now)) return 'new MAC';
  if (old.provisioning !== 'standalone' || now.provisioning !== 'standalone') return costOfOthersPod(old, now);
  if (isOtherPod(old, now)) return 'pod restart';
  return isLiveChange(old, now) ? 'live change' : 'nothing';
}

/** Whether the change ends the pod, and lets none follow. */
export function endsPod(old: Router, now: Router): boolean {
  return replicas(now) === 0 && replicas(old) !== 0;
}

/** Whether the pod is another object's from now on. The old object stays until somebody deletes it. */
export function isOtherDeployment({ objects: old }: Router, { objects: now }: Router): boolean {
  return old.deployment?.metadata.name !== now.deployment?.metadata.name;
}

function isOtherPod(old: Router, now: Router): boolean {
  return !isDeepStrictEqual(template(old), template(now)) || endsPod(old, now) || isOtherDeployment(old, now);
}

/** The process in the pod tells rules by their ports: in another order they are the same. */
function isLiveChange(old: Router, now: Router): boolean {
  if (now.objects.configMap === undefined || isDeepStrictEqual(data(old), data(now))) return false;
  return !isDeepStrictEqual(configDifferences(old.config, now.config), [ORDER_OF_RULES]);
}

/** A pod that the manifests do not hold has to be restarted for the plugin to see another configuration. */
function costOfOthersPod(old: Router, now: Router): Cost {
  if (old.provisioning !== now.provisioning) return 'pod restart';
  if (configDifferences(old.config, now.config).length === 0) return 'nothing';
  // The operator's plugin draws a MAC address at every start.
  return now.provisioning === 'operator' ? 'new MAC' : 'pod restart';
}

const macOf = (router: Router) => identities(router)[0]?.mac;
const template = ({ objects }: Router) => member(objects.deployment?.body, 'spec', 'template');
const data = ({ objects }: Router) => member(objects.configMap?.body, 'data');
const replicas = ({ objects }: Router) => member(objects.deployment?.body, 'spec', 'replicas');
