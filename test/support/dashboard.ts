import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const MONITORING = join(__dirname, '../../docs/monitoring');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: unknown }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}

export interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(MONITORING, 'dashboard.json'), 'utf8'));
}

/** A query of the dashboard as Grafana sends it, with its variables filled in. */
export interface Query {
  readonly panel: string;
  readonly expression: string;
}

export function dashboardQueries({ panels }: Dashboard, rateInterval = '5m'): Query[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll('$__rate_interval', rateInterval).replaceAll(/\$(namespace|router)\b/g, '.*'),
    })),
  );
}
