import type { RouterDeclaration } from './router-declaration';

/** The objects that the router makes or has made for it, as `Kind/name`: each name can be taken once. */
export function declaredObjects(declaration: RouterDeclaration): string[] {
  const { names, monitoring, isOperator, allowFrom, features, failover } = declaration;
  const made = [`Service/${names.service}`];
  made.push(`NetworkAttachmentDefinition/${names.networkAttachmentDefinition}`, `Deployment/${names.deployment}`);
  if (isOperator) made.push(`EgressRouter/${names.router}`);
  if (allowFrom !== undefined) made.push(`NetworkPolicy/${names.router}`);
  if (!isOperator) made.push(`NetworkPolicy/${names.egressPolicy}`);
  if (features.liveRules) made.push(`ConfigMap/${names.router}`);
  if (monitoring?.podMonitor) made.push(`PodMonitor/${names.router}`);
  if (monitoring?.alerts) made.push(`PrometheusRule/${names.router}`);
  if (failover.blockDrain) made.push(`PodDisruptionBudget/${names.router}`);
  for (const { serviceName } of declaration.identified?.hosts ?? []) made.push(`Service/${serviceName}`);
  // Two hosts with one Service have an issue of their own.
  return [...new Set(made)];
}
