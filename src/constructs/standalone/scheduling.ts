import type * as kplus from 'cdk8s-plus-28';
import type { Field } from '../../domain/input/decoder';
import { readSubdomain } from '../../domain/values/kubernetes-name';

/** Scheduling settings with every default filled in. */
export interface Scheduling {
  readonly attract: readonly kplus.LabeledNode[];
  readonly tolerate: readonly kplus.TaintedNode[];
  readonly priorityClassName?: string;
}

/** Reads `EgressRouterScheduling`. Values of other types, such as from a YAML file, are refused rather than called. */
export function readScheduling(field: Field): Scheduling {
  if (field.isPresent) field.isObjectOf(['attract', 'tolerate', 'priorityClassName']);
  return {
    attract: readNodes<kplus.LabeledNode>(field.member('attract'), 'labelSelector', 'a list of Node.labeled(…)'),
    tolerate: readNodes<kplus.TaintedNode>(field.member('tolerate'), 'taintSelector', 'a list of Node.tainted(…)'),
    priorityClassName: field.member('priorityClassName').optional(readSubdomain),
  };
}

function readNodes<T extends object>(list: Field, selector: keyof T, accepted: string): T[] {
  if (!list.isPresent) return [];
  return list.elements(accepted).flatMap((node) => {
    const value = node.value as Partial<T> | undefined | null;
    return Array.isArray(value?.[selector]) ? [value as T] : (node.refuse('is not of that type', accepted) ?? []);
  });
}
