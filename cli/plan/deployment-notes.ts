import { isDeepStrictEqual } from 'node:util';
import { member, records } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { isOtherDeployment, isOtherTemplate, isPaused } from './router-cost';

/** Changes of a Deployment that cannot be applied as written, or that break the router. */
export function deploymentNotes(old: Router, now: Router): string[] {
  const name = now.objects.deployment?.metadata.name;
  if (name === undefined || old.objects.deployment === undefined || isOtherDeployment(old, now)) return [];
  const becomes = (read: (router: Router) => boolean) => read(now) && !read(old);
  const configMap = old.objects.configMap?.metadata.name;
  const notes: readonly (readonly [applies: boolean, note: string])[] = [
    [
      !isDeepStrictEqual(spec(old, 'selector'), spec(now, 'selector')),
      `spec.selector of a Deployment cannot be changed, and applying fails: delete Deployment ${name} first`,
    ],
    [
      isPaused(now) && isOtherTemplate(old, now),
      `Deployment ${name} is paused: its pod is not replaced until the Deployment is resumed`,
    ],
    [
      becomes((router) => Number(spec(router, 'replicas') ?? 1) > 1),
      'several pods claim the address: the first one keeps it, the others wait for it and fail',
    ],
    [
      becomes((router) => spec(router, 'strategy', 'type') !== 'Recreate'),
      'without the strategy Recreate, the new pod starts while the old one still holds the address, and waits for it',
    ],
    [
      becomes(addsCapability),
      'the new pod needs root and a capability: a namespace that enforces a Pod Security level other than "privileged" rejects it after the old pod was deleted',
    ],
    [
      configMap !== undefined && now.objects.configMap === undefined && volumes(now).includes(configMap),
      `ConfigMap ${configMap} is no longer in the manifests, but the pod mounts it: once it is deleted, the next pod does not start`,
    ],
  ];
  return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}

function spec({ objects }: Router, ...path: readonly string[]): unknown {
  return member(objects.deployment?.body, 'spec', ...path);
}

function addsCapability(router: Router): boolean {
  return records(spec(router, 'template', 'spec', 'containers')).some((container) => {
    const added = member(container, 'securityContext', 'capabilities', 'add');
    return Array.isArray(added) && added.length > 0;
  });
}

/** Names of the ConfigMaps that the pod mounts. */
function volumes(router: Router): unknown[] {
  return records(spec(router, 'template', 'spec', 'volumes')).map((volume) => member(volume, 'configMap', 'name'));
}
