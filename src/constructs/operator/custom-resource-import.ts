import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { withoutUndefined } from '../../domain/input/collections';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue } from '../../domain/input/issue';
import { ROUTER_LABELS } from '../../domain/router/object-names';
import { RouterModeKind } from '../../domain/router/router-spec';
import type { EgressRouterServiceOptions } from '../clients/egress-router-service-options';
import { DEFAULT_CLUSTER, type EgressRouterCluster } from '../cluster/egress-router-cluster';
import type { EgressRouterNetwork } from '../cluster/egress-router-network';
import type { EgressRouterProps } from '../egress-router-props';
import { RouterMode } from '../router-mode';
import { Link, type MacvlanLinkOptions } from '../standalone/link';
import { EGRESS_ROUTER_TYPE } from './egress-router-resource';

/** What an `EgressRouter` custom resource does not say about a router. */
export interface CustomResourceOptions {
  /**
   * The cluster that the router belongs to.
   *
   * @default - one cluster for all routers of the app that name none
   */
  readonly cluster?: EgressRouterCluster;

  /**
   * The LAN of the reserved addresses.
   *
   * @default - the resource says prefix length and gateway
   */
  readonly network?: EgressRouterNetwork;

  /**
   * Who makes the objects that run the router.
   *
   * @default - the cluster's; RouterMode.operator() when it names none
   */
  readonly mode?: RouterMode;

  /**
   * The Service through which clients reach the router.
   *
   * @default - a ClusterIP Service with the router's name and one port for each rule
   */
  readonly service?: EgressRouterServiceOptions;

  /**
   * Argo CD's sync wave of the router's objects.
   *
   * @default - the cluster's; no annotation when it has none
   */
  readonly argoCdSyncWave?: number;

  /**
   * Peers that may use the router.
   *
   * @default - every pod of the cluster; no NetworkPolicy
   */
  readonly allowFrom?: kplus.INetworkPolicyPeer[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The props of a router that a custom resource declares. Members that no prop stands for are passed on, so that the
 * router refuses them by name rather than loses them.
 *
 * @throws ConfigError when the object is not an EgressRouter resource
 */
export function customResourceProps(resource: unknown, given: CustomResourceOptions | null): EgressRouterProps {
  const options = given ?? {};
  const { metadata, spec } = readResource(resource);
  const { mode, networkInterface, addresses, redirect, ...unknownFields } = spec;
  const { redirectRules, fallbackIP, ...unknownOfRedirect } = objectOf(redirect);
  const { macvlan, ...unknownOfInterface } = objectOf(networkInterface);
  const isRedirect = typeof mode === 'string' && mode.toLowerCase() === 'redirect';
  const props = {
    ...unknownFields,
    ...under('redirect', redirect, unknownOfRedirect),
    ...under('networkInterface', networkInterface, unknownOfInterface),
    ...(macvlan === undefined || isObject(macvlan) ? {} : { 'networkInterface.macvlan': macvlan }),
    ...options,
    metadata: importedMetadata(metadata),
    mode: mode === undefined || isRedirect ? importedMode(macvlan, options) : mode,
    addresses,
    redirectRules: Array.isArray(redirectRules) ? redirectRules.map(importedRule) : redirectRules,
    fallbackIp: fallbackIP,
  };
  return withoutUndefined(props) as unknown as EgressRouterProps;
}

function readResource(resource: unknown): { readonly metadata: Json; readonly spec: Json } {
  const issues: Issue[] = [];
  const root = Field.root(resource, issues, 'customResource');
  if (root.isObject('an EgressRouter custom resource')) {
    const { apiVersion, kind } = EGRESS_ROUTER_TYPE;
    root.member('kind').word([kind]);
    root.member('apiVersion').word([apiVersion]);
    root.member('metadata').isObject();
    root.member('spec').isObject();
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return resource as { readonly metadata: Json; readonly spec: Json };
}

/** What a user said, without what the API server and kubectl added, and without labels that every router has. */
function importedMetadata({ name, namespace, labels, annotations }: Json): ApiObjectMetadata {
  return withoutUndefined({
    name,
    namespace,
    labels: without(labels, [...ROUTER_LABELS, 'app']),
    annotations: without(annotations, ['kubectl.kubernetes.io/last-applied-configuration']),
  }) as ApiObjectMetadata;
}

function without(map: unknown, keys: readonly string[]): unknown {
  if (typeof map !== 'object' || map === null) return map ?? undefined;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function importedRule(rule: unknown): unknown {
  if (typeof rule !== 'object' || rule === null) return rule;
  const { destinationIP, ...others } = rule as Json;
  return withoutUndefined({ ...others, destinationIp: destinationIP ?? others.destinationIp });
}

/** The mode with the resource's network interface, where the options do not say one. */
function importedMode(macvlan: unknown, options: CustomResourceOptions): RouterMode | undefined {
  const given = options.mode ?? (options.network?.cluster ?? options.cluster ?? DEFAULT_CLUSTER).mode;
  // The router itself refuses what is not a mode.
  if (!isObject(macvlan) || !isObject(given)) return options.mode;
  if (given.kind === RouterModeKind.OPERATOR) {
    return RouterMode.operator({ networkInterface: { macvlan }, ...options.mode?.operatorOptions });
  }
  const { mode, master, ...others } = objectOf(macvlan);
  const link = { ...others, ...options.mode?.standaloneOptions?.link?.macvlanOptions };
  const linkOptions = withoutUndefined({ mode, parentInterface: master, ...link }) as MacvlanLinkOptions;
  return RouterMode.standalone({ ...options.mode?.standaloneOptions, link: Link.macvlan(linkOptions) });
}

/** Members of a field of the resource that no prop stands for, and the field itself when it is not an object. */
function under(field: string, value: unknown, unknown: Json): Json {
  if (value !== undefined && !isObject(value)) return { [field]: value };
  return Object.fromEntries(Object.entries(unknown).map(([key, member]) => [`${field}.${key}`, member]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function objectOf(value: unknown): Json {
  return isObject(value) ? (value as Json) : {};
}
