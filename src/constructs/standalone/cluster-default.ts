import type { Field } from '../../domain/input/decoder';

/** An option of a cluster's mode that no value of the router's own turns off. */
export enum ClusterDefault {
  /** `dockerRegistryAuth`: the image is pulled without credentials. */
  DOCKER_REGISTRY_AUTH = 'dockerRegistryAuth',
  /** `resources`: those that fit the router's features. */
  RESOURCES = 'resources',
  /** `connectionsPerClient`: no limit. */
  CONNECTIONS_PER_CLIENT = 'connectionsPerClient',
  /** `resolver`: hosts need addresses. */
  RESOLVER = 'resolver',
  /** `parentInterface` of the link: that of the router's network, or else of the node's default route. */
  PARENT_INTERFACE = 'link.parentInterface',
  /** `mtu` of the link: that of the parent interface. */
  MTU = 'link.mtu',
  /** `priorityClassName` of the scheduling: the priority that Kubernetes gives to pods that name no class. */
  PRIORITY_CLASS_NAME = 'scheduling.priorityClassName',
  /** `scrapeInterval` of the monitoring: Prometheus' own. */
  SCRAPE_INTERVAL = 'monitoring.scrapeInterval',
}

const NAMES = Object.values(ClusterDefault);

/** Reads the defaults that a router ignores. @param known those that apply; default: all */
export function readIgnoredDefaults(list: Field, known: readonly ClusterDefault[] = NAMES): ClusterDefault[] {
  if (!list.isPresent) return [];
  return list.elements('a list of ClusterDefault').flatMap((field) => field.word(known) ?? []);
}

/** Options of a cluster without the ignored ones. */
export function withoutIgnored(
  options: Readonly<Record<string, unknown>>,
  ignored: readonly ClusterDefault[],
): Record<string, unknown> {
  const kept = { ...options };
  for (const path of ignored) {
    const [key, member] = path.split('.') as [string, string?];
    const { [member ?? '']: _, ...others } = Object(kept[key]) as Record<string, unknown>;
    if (member === undefined) delete kept[key];
    else if (kept[key] !== undefined) kept[key] = others;
  }
  return kept;
}
