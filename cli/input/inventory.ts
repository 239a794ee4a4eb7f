import type { NetworkConfig } from '../../src/domain/router/network-config';
import {
  INSTANCE_LABEL,
  NAME_LABEL,
  OPERATOR_LABEL,
  OPERATOR_NAMES,
  ROUTER_INTERFACE,
} from '../../src/domain/router/object-names';
import { isSubdomain } from '../../src/domain/values/kubernetes-name';
import { InputError } from './input-error';
import { type KubernetesObject, member, type ReadTexts, readDocuments, records } from './kubernetes-object';
import { NETWORKS_ANNOTATION } from './network-references';
import { type NetworkUser, ObjectIndex } from './object-index';
import { checkInterfaceName, checkLabelValue } from './object-name';
import type { Inventory, Router } from './router';
import { attachedPlugin, bareRouter, operatorConfiguration } from './router-configuration';
import { routerProblems } from './router-problems';
import type { Source } from './source';

const OPERATOR_GROUP = 'network.operator.openshift.io/';

/**
 * Finds the routers in manifests, and the objects of each.
 *
 * @param known texts that an earlier inventory has parsed; this one adds its own
 * @throws InputError with all issues, one per line
 */
export function takeInventory(sources: readonly Source[], known: ReadTexts = new Map()): Inventory {
  const errors: string[] = [];
  const documents = sources.flatMap((source) => attempt(() => readDocuments(source, known), errors) ?? []);
  const index = new ObjectIndex(documents.flatMap(({ objects }) => objects));
  const foreign: string[] = [];
  const routers: Router[] = [];
  const find = (read: () => Router | string) => {
    const found = attempt(read, errors);
    if (typeof found === 'string') foreign.push(found);
    else if (found !== undefined) routers.push(found);
  };
  for (const resource of index.ofKind('EgressRouter')) find(() => ofOperator(resource, index));
  for (const definition of index.ofKind('NetworkAttachmentDefinition')) {
    if (!isRendered(definition, index)) find(() => ofDefinition(definition, index));
  }
  for (const { body, place } of documents.flatMap(({ configurations }) => configurations)) {
    find(() => ofConfiguration(body, place));
  }
  errors.push(...repeatedNames(routers));
  if (errors.length > 0) throw new InputError(errors.join('\n'));
  routers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { routers, otherKinds: countOthers(index, routers), foreign, problems: routerProblems(routers, index) };
}

/** @returns nothing if the input is invalid; the reason is added to `errors` */
function attempt<T>(read: () => T, errors: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    errors.push(error.message);
    return undefined;
  }
}

/** Whether the operator rendered the definition from a resource that is also given: a dump of a cluster has both. */
function isRendered({ metadata }: KubernetesObject, index: ObjectIndex): boolean {
  return (
    metadata.name === OPERATOR_NAMES.networkAttachmentDefinition &&
    metadata.labels[NAME_LABEL] === undefined &&
    index
      .ofKind('EgressRouter')
      .some(
        ({ apiVersion, metadata: { namespace } }) =>
          apiVersion.startsWith(OPERATOR_GROUP) && namespace === metadata.namespace,
      )
  );
}

/** @returns a description instead, if it is another project's kind of the same name */
function ofOperator(resource: KubernetesObject, index: ObjectIndex): Router | string {
  const { name, namespace } = resource.metadata;
  if (!resource.apiVersion.startsWith(OPERATOR_GROUP)) {
    return `EgressRouter ${nameOf(name, namespace).name} (${resource.apiVersion})`;
  }
  const config = operatorConfiguration(resource);
  const objects = { resource, ...index.selecting(namespace, OPERATOR_LABEL) };
  return { ...nameOf(name, namespace), mode: 'operator', config, link: ROUTER_INTERFACE, objects };
}

/** @returns a description instead, if it is not a router */
function ofDefinition(definition: KubernetesObject, index: ObjectIndex): Router | string {
  const { name, namespace } = definition.metadata;
  const plugin = attachedPlugin(definition);
  if ('foreign' in plugin) {
    return `NetworkAttachmentDefinition ${nameOf(name, namespace).name} (plugin ${plugin.foreign})`;
  }
  const user = index.userOf(definition);
  return {
    ...nameOf(routerName(definition, user, index) ?? name, namespace),
    mode: user === undefined ? 'unknown' : 'standalone',
    config: plugin.router,
    link: linkOf(user),
    objects: {
      definition,
      deployment: user?.object,
      configMap: user && index.configMapOf(user.object),
      ...(user === undefined ? { services: [], policies: [] } : index.selecting(namespace, user.podLabels)),
    },
  };
}

/**
 * The router's name in the library; its objects may have other names. The pods have it in a label. Tools write other
 * values into that of objects, such as Argo CD the name of its application; Kustomize may write one name into all of
 * them, and then an argument of the process still tells the routers apart.
 */
function routerName(
  { metadata, place }: KubernetesObject,
  user: NetworkUser | undefined,
  index: ObjectIndex,
): string | undefined {
  const given = user && index.sharesInstance(user) ? routerArgument(user.object) : undefined;
  if (given !== undefined) return given;
  const instance = user?.podLabels[INSTANCE_LABEL] || metadata.labels[INSTANCE_LABEL] || undefined;
  if (instance !== undefined) checkLabelValue(INSTANCE_LABEL, instance, place);
  return instance;
}

/** The name in `--router=NAMESPACE/NAME` of `serve`. */
function routerArgument({ body }: KubernetesObject): string | undefined {
  const containers = records(member(body, 'spec', 'template', 'spec', 'containers'));
  const words = containers.flatMap(({ args }) => (Array.isArray(args) ? (args as unknown[]) : []));
  const names = words.flatMap((word) => /^--router=(?:[^/]*\/)?([^/]+)$/.exec(String(word))?.[1] ?? []);
  return names.find(isSubdomain);
}

function linkOf(user: NetworkUser | undefined): string {
  if (user?.link === undefined) return ROUTER_INTERFACE;
  checkInterfaceName(user.link, `annotation ${NETWORKS_ANNOTATION}: interface`, user.object.place);
  return user.link;
}

function ofConfiguration(body: Readonly<Record<string, unknown>>, place: string): Router | string {
  const plugin = bareRouter(body, place);
  if ('foreign' in plugin) return `${place} (plugin ${plugin.foreign})`;
  const config: NetworkConfig = plugin.router;
  return {
    name: config.name,
    mode: 'unknown',
    config,
    link: ROUTER_INTERFACE,
    objects: { services: [], policies: [] },
  };
}

function nameOf(name: string, namespace: string | undefined): Pick<Router, 'name' | 'namespace'> {
  return namespace === undefined ? { name } : { name: `${namespace}/${name}`, namespace };
}

/** Such as two environments in one folder: it is ambiguous which one is meant. */
function repeatedNames(routers: readonly Router[]): string[] {
  const seen = new Map<string, Router>();
  return routers.flatMap((router) => {
    const first = seen.get(router.name);
    if (first === undefined) {
      seen.set(router.name, router);
      return [];
    }
    return [`router ${router.name} is defined twice: ${placeOf(first)} and ${placeOf(router)}; pass only one of them`];
  });
}

function placeOf({ objects: { resource, definition }, config }: Router): string {
  return (resource ?? definition)?.place ?? config.name;
}

/** Objects of these kinds that are not routers are named, not counted. */
const NAMED_KINDS: ReadonlySet<string> = new Set(['EgressRouter', 'NetworkAttachmentDefinition']);

function countOthers(index: ObjectIndex, routers: readonly Router[]): Map<string, number> {
  const own = new Set<KubernetesObject | undefined>();
  for (const { objects } of routers) {
    for (const object of [objects.resource, objects.definition, objects.deployment, objects.configMap]) own.add(object);
    for (const object of [...objects.services, ...objects.policies]) own.add(object);
  }
  const counts = new Map<string, number>();
  for (const object of index.all) {
    if (own.has(object) || NAMED_KINDS.has(object.kind)) continue;
    counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
  }
  return counts;
}
