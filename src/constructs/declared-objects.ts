import { sliceNames } from '../domain/router/slice-names';
import type { RouterDeclaration } from './router-declaration';

/** The objects that the router makes or has made for it, as `Kind/name`: each name can be taken once. */
export function declaredObjects(declaration: RouterDeclaration): string[] {
  const { names, monitoring, isOperator, allowFrom, features, failover } = declaration;
  const made = [`Service/${names.service}`];
  made.push(`NetworkAttachmentDefinition/${names.networkAttachmentDefinition}`, `Deployment/${names.deployment}`);
  if (isOperator) made.push(`EgressRouter/${names.router}`);
  if (allowFrom !== undefined) made.push(`NetworkPolicy/${names.router}`);
  if (!isOperator) made.push(`NetworkPolicy/${names.egressPolicy}`);
  if (features.liveRules || features.standby) made.push(`ConfigMap/${names.router}`);
  if (monitoring?.podMonitor) made.push(`PodMonitor/${names.router}`);
  if (monitoring?.alerts) made.push(`PrometheusRule/${names.router}`);
  if (failover.blockDrain || features.standby) made.push(`PodDisruptionBudget/${names.router}`);
  if (features.standby) made.push(...objectsOfPair(declaration));
  for (const { serviceName } of declaration.identified?.hosts ?? []) made.push(`Service/${serviceName}`);
  // Two hosts with one Service have an issue of their own.
  return [...new Set(made)];
}

/** What a router with a standby has more, and what its pods make themselves. */
function objectsOfPair({ names, container, identified }: RouterDeclaration): string[] {
  const services = [names.service, ...(identified?.hosts ?? []).map(({ serviceName }) => serviceName)];
  return [
    ...['ServiceAccount', 'Role', 'RoleBinding'].map((kind) => `${kind}/${names.standby}`),
    ...services.flatMap(sliceNames).map((name) => `EndpointSlice/${name}`),
    ...(container.standbyKeySecret === undefined ? [`Secret/${names.pairSecret}`] : []),
  ];
}
