import type { IConstruct } from 'constructs';

/** Whether neither the construct nor one around it was removed. */
export function isInTree({ node }: IConstruct): boolean {
  return node.scopes.every(
    (one) => one.node.scope === undefined || one.node.scope.node.tryFindChild(one.node.id) === one,
  );
}
