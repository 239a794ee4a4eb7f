import { Field } from '../../src/domain/input/decoder';
import type { Issue } from '../../src/domain/input/issue';
import { type RouterSpec, readRouterSpec } from '../../src/domain/router/router-spec';

/** The smallest props of a standalone router with one rule. */
export const ROUTER_PROPS = {
  metadata: { name: 'db' },
  provisioning: 'standalone',
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  redirectRules: [{ port: 8443, protocol: 'TCP', destinationIp: '203.0.113.26', targetPort: 443 }],
};

/** What is read from the smallest props with some of them replaced. */
export function readRouter(changes: Record<string, unknown>): { spec: RouterSpec | undefined; issues: Issue[] } {
  const issues: Issue[] = [];
  const spec = readRouterSpec(Field.root({ ...ROUTER_PROPS, ...changes }, issues), { hasService: true });
  return { spec, issues };
}

/** A router without an issue. */
export function router(changes: Record<string, unknown> = {}): RouterSpec {
  const { spec, issues } = readRouter(changes);
  expect(issues).toEqual([]);
  return spec!;
}
