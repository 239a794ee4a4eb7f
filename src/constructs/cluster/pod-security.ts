import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import type { RouterDeclaration } from '../router-declaration';
import { FEATURE_CAPABILITIES, usedFeatures } from '../standalone/router-features';

/**
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
 */
const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** The only level that admits a container with NET_ADMIN or NET_RAW. */
const PRIVILEGED = 'privileged';

/** A Namespace of the app that does not admit what a router may need. */
export interface StrictNamespace {
  /** Path of the construct. */
  readonly path: string;
  /** The Pod Security level that it enforces. */
  readonly level: string;
}

/**
 * The Namespaces of an app, by name, whose labels refuse privileged pods. What is not in the app, or gets its label
 * elsewhere, is not known here.
 *
 * @param isLookedAt whether the objects of a chart are among those that are meant
 */
export function strictNamespaces(app: IConstruct, isLookedAt: (chart: Chart) => boolean): Map<string, StrictNamespace> {
  const found = new Map<string, StrictNamespace>();
  for (const construct of app.node.findAll()) {
    if (!ApiObject.isApiObject(construct) || construct.kind !== 'Namespace' || !isLookedAt(Chart.of(construct)))
      continue;
    const level = construct.metadata.getLabel(ENFORCE);
    if (level !== undefined && level !== PRIVILEGED) found.set(construct.name, { path: construct.node.path, level });
  }
  return found;
}

/** Where a router's namespace stands. */
interface Namespaces {
  strictNamespace(name: string): StrictNamespace | undefined;
}

const ADMITTING = `a namespace with the label ${ENFORCE}: ${PRIVILEGED}`;

/** A namespace that would never admit the plugin's pods: the DaemonSet would stay without any. */
export function pluginNamespaceIssues(namespace: string | undefined, namespaces: Namespaces): Issue[] {
  const strict = namespace === undefined ? undefined : namespaces.strictNamespace(namespace);
  if (strict === undefined) return [];
  const problem = `refuses the plugin's privileged pods: [${strict.path}] enforces the Pod Security level "${strict.level}"`;
  return [{ path: 'metadata.namespace', value: namespace, problem, accepted: ADMITTING }];
}

/**
 * Features of a router whose pod its namespace would never admit: the Deployment would stay without one, and only an
 * event tells.
 */
export function podSecurityIssues({ features, metadata }: RouterDeclaration, namespaces: Namespaces): Issue[] {
  const used = usedFeatures(features);
  if (used.length === 0 || metadata.namespace === undefined) return [];
  const strict = namespaces.strictNamespace(metadata.namespace);
  if (strict === undefined) return [];
  return used.map((feature) => ({
    path: `mode.${feature}`,
    value: true,
    problem: `needs root and ${capabilityText(FEATURE_CAPABILITIES[feature])}, which namespace "${metadata.namespace}" refuses: [${strict.path}] enforces the Pod Security level "${strict.level}"`,
    accepted: `${ADMITTING}, or no ${feature}`,
  }));
}

function capabilityText(capabilities: readonly string[]): string {
  return `the ${capabilities.length === 1 ? 'capability' : 'capabilities'} ${capabilities.join(' and ')}`;
}
