import { Field } from '../../src/domain/input/decoder';
import type { Issue } from '../../src/domain/input/issue';
import { type RouterSpec, readRouterSpec } from '../../src/domain/router/router-spec';

/** The smallest props of a standalone router with one rule. */
export const ROUTER_PROPS = {
  metadata: { name: 'db' },
  mode: { kind: 'standalone' },
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  redirectRules: [{ port: 8443, protocol: 'TCP', destinationIp: '203.0.113.26', targetPort: 443 }],
};

type Changes = Record<string, unknown>;

/** What is read from the smallest props with some of them, and some options of the mode, replaced. */
export function readRouter(changes: Changes, mode: Changes = {}): { spec: RouterSpec | undefined; issues: Issue[] } {
  const issues: Issue[] = [];
  const props = { ...ROUTER_PROPS, mode: { ...ROUTER_PROPS.mode, ...mode }, ...changes };
  return { spec: readRouterSpec(Field.root(props, issues), { hasService: true }), issues };
}

/** A router without an issue. */
export function router(changes: Changes = {}, mode: Changes = {}): RouterSpec {
  const { spec, issues } = readRouter(changes, mode);
  expect(issues).toEqual([]);
  return spec!;
}
