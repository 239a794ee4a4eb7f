import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, member } from '../input/kubernetes-object';
import type { Inventory, Router } from '../input/router';
import { configDifferences } from './config-differences';
import { objectDifferences } from './object-differences';
import type { Cost, Identity, Plan, RouterChange } from './router-change';

/** What has to happen for the routers of `before` to become those of `after`. */
export function compareRouters(before: Inventory, after: Inventory): Plan {
  const old = new Map(before.routers.map((router) => [router.name, router]));
  const now = new Map(after.routers.map((router) => [router.name, router]));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changes = names.flatMap((name) => compareRouter(old.get(name), now.get(name)) ?? []);
  return { changes, unchanged: names.length - changes.length };
}

function compareRouter(old: Router | undefined, now: Router | undefined): RouterChange | undefined {
  if (old === undefined) return added(now!);
  if (now === undefined) return removed(old);
  const differences = differencesOf(old, now);
  if (differences.length === 0) return undefined;
  const [before, after] = [identities(old), identities(now)];
  const cost = costOf(old, now);
  return {
    router: now.name,
    kind: 'changed',
    cost,
    differences,
    notes: notesOf(old, now, cost),
    ...(isDeepStrictEqual(before, after) ? {} : { identity: { before, after } }),
  };
}

function differencesOf(old: Router, now: Router): string[] {
  const lines = [...configDifferences(old.config, now.config), ...otherDifferences(old, now)];
  if (lines.length > 0) return lines;
  // What no other line tells: another argument of the pod's process, say.
  return objectDifferences('Deployment', old.objects.deployment, now.objects.deployment);
}

function added(router: Router): RouterChange {
  const after = identities(router);
  const { rules, fallbacks } = router.config;
  const differences = [
    `+ ${after.map(identityText).join(', ')}`,
    `+ ${count(rules.length + fallbacks.length, 'rule')}`,
  ];
  return {
    router: router.name,
    kind: 'added',
    cost: 'nothing',
    differences,
    notes: [],
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

/** Kubernetes' own rule: a Deployment's pod is replaced when its template changes. */
function costOf(old: Router, now: Router): Cost {
  if (
    !isDeepStrictEqual(
      identities(old).map(({ mac }) => mac),
      identities(now).map(({ mac }) => mac),
    )
  )
    return 'new MAC';
  if (old.provisioning !== 'standalone' || now.provisioning !== 'standalone') return costOfOthersPod(old, now);
  if (!isDeepStrictEqual(template(old), template(now))) return 'pod restart';
  const isLive = now.objects.configMap !== undefined && !isDeepStrictEqual(data(old), data(now));
  return isLive ? 'live change' : 'nothing';
}

/** A pod that the manifests do not hold has to be restarted for the plugin to see another configuration. */
function costOfOthersPod(old: Router, now: Router): Cost {
  if (old.provisioning !== now.provisioning) return 'pod restart';
  if (configDifferences(old.config, now.config).length === 0) return 'nothing';
  // The operator's plugin draws a MAC address at every start.
  return now.provisioning === 'operator' ? 'new MAC' : 'pod restart';
}

function notesOf(old: Router, now: Router, cost: Cost): string[] {
  const isSameConfig = configDifferences(old.config, now.config).length === 0;
  if (old.provisioning !== now.provisioning) {
    return [
      `it moves from ${old.provisioning} to ${now.provisioning}: delete the old objects before the new pod starts`,
    ];
  }
  if (isSameConfig) return [];
  if (now.provisioning === 'operator') {
    const namespace = now.namespace === undefined ? '' : `-n ${now.namespace} `;
    return [
      `the operator changes its NetworkAttachmentDefinition and leaves the pod as it is: kubectl ${namespace}rollout restart deployment/egress-router-cni-deployment`,
    ];
  }
  if (now.provisioning === 'unknown') return ['its pod is not among the manifests, and has to be restarted'];
  return cost === 'nothing' ? ["the pod template stays as it is: the change counts at the pod's next start"] : [];
}

/** What differs beside the configuration, by object. */
function otherDifferences({ objects: old }: Router, { objects: now }: Router): string[] {
  const named = (path: string) => path === 'spec.config';
  return [
    ...objectDifferences('EgressRouter', old.resource, now.resource, (path) =>
      /^spec\.(addresses|redirect)\b/.test(path),
    ),
    ...objectDifferences('NetworkAttachmentDefinition', old.definition, now.definition, named),
    ...objectDifferences('Deployment', old.deployment, now.deployment, isConfigurationHash),
    ...objectDifferences('ConfigMap', old.configMap, now.configMap, (path) => path.startsWith('data.')),
    ...listDifferences('Service', old.services, now.services, (path) => path.startsWith('spec.ports')),
    ...listDifferences('NetworkPolicy', old.policies, now.policies),
  ];
}

/** What the pod's process is told is the configuration, which has lines of its own. */
function isConfigurationHash(path: string): boolean {
  return /network-config-hash|containers\[\d+\]\.args/.test(path);
}

function listDifferences(
  kind: string,
  old: readonly KubernetesObject[],
  now: readonly KubernetesObject[],
  isElsewhere?: (path: string) => boolean,
): string[] {
  const byName = (objects: readonly KubernetesObject[]) =>
    new Map(objects.map((object) => [object.metadata.name, object]));
  const [before, after] = [byName(old), byName(now)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) =>
    objectDifferences(kind, before.get(name), after.get(name), isElsewhere),
  );
}

const template = ({ objects }: Router) => member(objects.deployment?.body, 'spec', 'template');
const data = ({ objects }: Router) => member(objects.configMap?.body, 'data');

function identities({ provisioning, config }: Router): Identity[] {
  return config.addresses.map(({ cidr: { address } }) => ({
    address: address.text,
    ...(provisioning === 'operator' ? {} : { mac: config.macAddress }),
  }));
}

export function identityText({ address, mac }: Identity): string {
  return mac === undefined ? `${address}, with a MAC that the operator's plugin draws` : `${address} with MAC ${mac}`;
}

/** `1 rule`, `3 rules` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
