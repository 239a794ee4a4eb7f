import type { KubernetesObject } from '../input/kubernetes-object';
import type { Router } from '../input/router';
import { configChanges } from './config-changes';
import { objectChanges } from './object-changes';

/** The changes of a router, one per line: of its configuration in its own words, others by object and path. */
export function changeLines(old: Router, now: Router): string[] {
  const lines = [...configChanges(old, now), ...objectChangeLines(old, now, isDerived)];
  // Parts derived from the configuration get lines only if there are no others.
  return lines.length > 0 ? lines : objectChangeLines(old, now, () => false);
}

/** Whether a path of an object is derived from the configuration, whose lines cover its changes. */
type IsDerived = (kind: string, path: string) => boolean;

/** The parts of each kind of object that the library derives from the configuration. */
const DERIVED: Readonly<Record<string, RegExp>> = {
  EgressRouter: /^spec\.(addresses|redirect)\b/,
  NetworkAttachmentDefinition: /^spec\.config$/,
  Deployment: /network-config-hash|containers\[\d+\]\.args/,
  ConfigMap: /^data\./,
  Service: /^spec\.ports/,
  NetworkPolicy: /^spec\.ingress\[\d+\]\.ports/,
};

const isDerived: IsDerived = (kind, path) => DERIVED[kind]?.test(path) ?? false;

function objectChangeLines({ objects: old }: Router, { objects: now }: Router, isElsewhere: IsDerived): string[] {
  const one = (kind: string, before: KubernetesObject | undefined, after: KubernetesObject | undefined) =>
    objectChanges(kind, before, after, (path) => isElsewhere(kind, path));
  const several = (kind: string, before: readonly KubernetesObject[], after: readonly KubernetesObject[]) => {
    const named = (objects: readonly KubernetesObject[]) => new Map(objects.map((each) => [each.metadata.name, each]));
    const [olds, nows] = [named(before), named(after)];
    return [...new Set([...olds.keys(), ...nows.keys()])].flatMap((name) => {
      const [a, b] = [olds.get(name), nows.get(name)];
      // The object may exist on both sides, if what it selects has changed.
      if (a === undefined || b === undefined) return [`${b === undefined ? '-' : '+'} ${kind} ${name} selects its pod`];
      return one(kind, a, b);
    });
  };
  return [
    ...one('EgressRouter', old.resource, now.resource),
    ...one('NetworkAttachmentDefinition', old.definition, now.definition),
    ...one('Deployment', old.deployment, now.deployment),
    ...one('ConfigMap', old.configMap, now.configMap),
    ...several('Service', old.services, now.services),
    ...several('NetworkPolicy', old.policies, now.policies),
  ];
}
