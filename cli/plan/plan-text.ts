import { count } from '../count';
import { type OpenStackSteps, openStackSteps } from './openstack-steps';
import { COSTS, type RouterChange, type RouterChanges } from './router-change';

/** The plan for a terminal: a paragraph for each router that changes, and a summary. */
export function planText(comparison: RouterChanges): string {
  const steps = identitySection(comparison);
  return [...comparison.changes.map(changeText), ...(steps === '' ? [] : [steps]), summary(comparison)]
    .join('\n\n')
    .concat('\n');
}

function changeText(change: RouterChange): string {
  const lines = [`${change.router}: ${headline(change)}`, ...change.differences.map((text) => `  ${text}`)];
  return [...lines, ...change.notes.map((note) => `  note: ${note}`)].join('\n');
}

/** The change of a router in a few words. */
export function headline({ kind, cost, identity }: RouterChange): string {
  if (kind !== 'changed') return kind === 'added' ? 'new router' : 'removed';
  const words = { nothing: 'nothing restarts', 'live change': 'live change', 'pod restart': 'pod restart' };
  if (cost !== 'new MAC') return words[cost];
  const mac = identity?.after[0]?.mac;
  return mac === undefined ? 'new MAC, drawn at the next start' : `new MAC ${mac}`;
}

function identitySection(comparison: RouterChanges): string {
  const { before, after } = openStackSteps(comparison);
  if (before.length + after.length === 0) return '';
  return [
    'The IP or MAC address of a router changes. On OpenStack, update the PORT of each node (or use pulumi-egress-router). On vSphere,',
    'nothing is to do unless a port pins its MAC addresses:',
    ...(before.length === 0 ? [] : ['  before applying', ...before.map((step) => `    ${step}`)]),
    ...(after.length === 0 ? [] : ['  after the old pods are gone', ...after.map((step) => `    ${step}`)]),
  ].join('\n');
}

/** `2 of 200 routers change: 1 pod restart, 1 new MAC.` */
export function summary({ changes, unchanged }: RouterChanges): string {
  const total = count(changes.length + unchanged, 'router');
  if (changes.length === 0) return `No changes: ${total}.`;
  const of = (kind: RouterChange['kind']) => changes.filter((change) => change.kind === kind);
  const parts = [
    ...(of('added').length === 0 ? [] : [`${of('added').length} new`]),
    ...(of('removed').length === 0 ? [] : [`${of('removed').length} removed`]),
    ...COSTS.flatMap((cost) => {
      const number = of('changed').filter((change) => change.cost === cost).length;
      return number === 0 ? [] : [`${number} × ${cost === 'nothing' ? 'nothing restarts' : cost}`];
    }),
  ];
  return `${changes.length} of ${total} ${changes.length === 1 ? 'changes' : 'change'}: ${parts.join(', ')}.`;
}

/** The plan as JSON. */
export interface PlanJson extends RouterChanges {
  /** Commands for each node's port where OpenStack filters addresses. */
  readonly openStack: OpenStackSteps;
}

export function planJson(comparison: RouterChanges): PlanJson {
  return { ...comparison, openStack: openStackSteps(comparison) };
}
