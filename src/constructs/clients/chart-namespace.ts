import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';

/** The namespace of the nearest chart around a construct; undefined without a chart, where `Chart.of()` throws. */
export function chartNamespace({ node }: IConstruct): string | undefined {
  return node.scopes.filter((scope): scope is Chart => Chart.isChart(scope)).at(-1)?.namespace;
}
