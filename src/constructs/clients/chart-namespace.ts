import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';

/** The namespace of the outermost chart around a construct; undefined without a chart, where `Chart.of()` throws. */
export function chartNamespace({ node }: IConstruct): string | undefined {
  const chart = node.scopes.find((scope) => Chart.isChart(scope)) as Chart | undefined;
  return chart?.namespace;
}
