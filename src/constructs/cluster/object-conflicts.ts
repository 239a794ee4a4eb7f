import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { addTo } from '../../domain/input/collections';
import type { Issue } from '../../domain/input/issue';
import type { Claimant } from '../../domain/router/conflicts';

/**
 * Objects of the user's that have kind, namespace and name of an object of a router: applied to one cluster, the later
 * one would replace the other. By the path of the router.
 *
 * @param isLookedAt whether a chart is applied to the cluster of the routers
 */
export function objectConflicts(
  app: IConstruct,
  claimants: readonly Claimant[],
  isLookedAt: (chart: Chart) => boolean,
): Map<string, Issue[]> {
  const issues = new Map<string, Issue[]>();
  const holders = new Map(
    claimants.flatMap((claimant) =>
      claimant.objects.map((object) => [`${claimant.spec.namespace} ${object}`, claimant.path] as const),
    ),
  );
  const routers = new Set(claimants.map(({ path }) => path));
  for (const object of app.node.findAll()) {
    if (!ApiObject.isApiObject(object) || object.node.scopes.some(({ node }) => routers.has(node.path))) continue;
    const holder = holders.get(`${object.metadata.namespace} ${object.kind}/${object.name}`);
    if (holder === undefined || !isOurGroup(object) || !isLookedAt(Chart.of(object))) continue;
    addTo(issues, holder, issueOf(object));
  }
  return issues;
}

/** API groups of the kinds that routers and their pods make: Knative has a Service too. */
const GROUPS: Readonly<Record<string, string>> = {
  Service: '',
  ConfigMap: '',
  Secret: '',
  ServiceAccount: '',
  Role: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  EndpointSlice: 'discovery.k8s.io',
  Deployment: 'apps',
  NetworkPolicy: 'networking.k8s.io',
  PodDisruptionBudget: 'policy',
  NetworkAttachmentDefinition: 'k8s.cni.cncf.io',
  EgressRouter: 'network.operator.openshift.io',
  PodMonitor: 'monitoring.coreos.com',
  PrometheusRule: 'monitoring.coreos.com',
};

function isOurGroup({ kind, apiGroup }: ApiObject): boolean {
  return GROUPS[kind] === (apiGroup === 'core' ? '' : apiGroup);
}

function issueOf(object: ApiObject): Issue {
  return {
    path: 'metadata.name',
    value: object.name,
    problem: `makes ${object.kind}/${object.name}, which [${object.node.path}] makes too`,
    accepted: 'another name, here or there',
  };
}
