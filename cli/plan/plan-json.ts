import { type IdentitySteps, openStackSteps } from './openstack-steps';
import type { Plan } from './router-change';

/** The plan as JSON. */
export interface PlanJson extends Plan {
  /** Commands for each node's port where OpenStack filters addresses. */
  readonly openStack: IdentitySteps;
}

export function planJson(plan: Plan): PlanJson {
  return { ...plan, openStack: openStackSteps(plan) };
}
