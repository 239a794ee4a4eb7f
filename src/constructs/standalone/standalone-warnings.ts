import { standbyWarnings } from '../../domain/router/declared-standby';
import type { RouterSpec } from '../../domain/router/router-spec';
import { namespaceWarnings, type RouterNames } from '../router-names';

/** What deserves attention about a standalone router although it is accepted. */
export function standaloneWarnings(spec: RouterSpec, names: RouterNames): string[] {
  return [...namespaceWarnings(names), ...(spec.standbyMacAddress === undefined ? [] : standbyWarnings(spec.platform))];
}
