import { ApiObject } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { repeats } from '../../domain/input/collections';
import type { Issue } from '../../domain/input/issue';
import { sliceNames } from '../../domain/router/slice-names';
import type { RouterDeclaration } from '../router-declaration';
import type { StandaloneObjects } from './standalone-objects';

/** What is wrong about a router with a standby, once its Services and its Deployment are complete. */
export function standbyIssues(
  { features, failover, names }: RouterDeclaration,
  { deployment, _files: { services } }: StandaloneObjects,
): Issue[] {
  if (!features.standby) return [];
  return [
    ...(failover.blockDrain ? [BLOCKED] : []),
    ...(names.namespace === undefined ? [UNKNOWN_NAMESPACE] : []),
    ...sharedSlices(services?.() ?? []),
    ...deploymentIssues(ApiObject.of(deployment).toJson()),
  ];
}

const BLOCKED: Issue = {
  path: 'mode.failover.blockDrain',
  value: true,
  problem: 'blocks the drain of a node whose pod would leave the address to its standby first',
  accepted: 'false with standby',
};

const UNKNOWN_NAMESPACE: Issue = {
  path: 'metadata.namespace',
  value: undefined,
  problem: 'is missing, and the RoleBinding of a standby has to name it',
  accepted: 'a namespace of the chart or of the router',
};

/** The slice of IPv6 of one Service has the name of the slice of another. */
function sharedSlices(services: readonly kplus.Service[]): Issue[] {
  const slices = services.flatMap(({ name: service }) => sliceNames(service).map((name) => ({ name, service })));
  return [...repeats(slices, ({ name }) => name)].map(([second, first]) => ({
    path: 'hosts',
    value: second.name,
    problem: `is the EndpointSlice of Service ${second.service} and of Service ${first.service}`,
    accepted: 'another serviceName',
  }));
}

/** The objects of a Deployment as it is written, with the patches of its user. */
interface WrittenDeployment {
  readonly spec: { readonly replicas?: number; readonly template: { readonly spec: WrittenPod } };
}

interface WrittenPod {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] };
    };
  };
}

interface Term {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: string[];
  }[];
}

/** A Deployment that does not run two pods on two nodes. None at all is a router that is switched off. */
function deploymentIssues(deployment: WrittenDeployment): Issue[] {
  const { replicas = 1, template } = deployment.spec;
  const node = onlyNode(template.spec);
  const accepted = 'two nodes or more, for the router and its standby';
  const path = 'mode.scheduling';
  return [
    ...([0, 2].includes(replicas)
      ? []
      : [{ path: 'mode.standby', value: replicas, problem: 'is the number of pods', accepted: '2, one standby' }]),
    ...(node === undefined ? [] : [{ path, value: node, problem: 'is the only node for two pods', accepted }]),
  ];
}

/** The node that all pods are bound to by its name; undefined where more are possible, or none is named. */
function onlyNode({ nodeName, nodeSelector, affinity }: WrittenPod): string | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const named = terms.map(nodesOf);
  const isBound = named.length > 0 && !named.includes(undefined);
  const names = new Set(isBound ? named.flatMap((nodes) => nodes ?? []) : []);
  return nodeName ?? nodeSelector?.[HOSTNAME] ?? (names.size === 1 ? [...names][0] : undefined);
}

const HOSTNAME = 'kubernetes.io/hostname';

/** The nodes that a term names; undefined for one that names none. */
function nodesOf({ matchExpressions = [] }: Term): readonly string[] | undefined {
  return matchExpressions.find(({ key, operator }) => key === HOSTNAME && operator === 'In')?.values;
}
